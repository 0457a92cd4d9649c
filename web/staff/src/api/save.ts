// Files that the server makes.

/** The file of an answer, under the name that the server gives it. */
export async function fileOf(res: Response, otherwise: string): Promise<File> {
  const name = /filename\*=UTF-8''(\S+)/.exec(res.headers.get('content-disposition') ?? '')
  const blob = await res.blob()
  return new File([blob], name?.[1] ? decodeURIComponent(name[1]) : otherwise, { type: blob.type })
}

export function saveFile(file: File): void {
  const at = URL.createObjectURL(file)
  const a = document.createElement('a')
  a.href = at
  a.download = file.name
  a.click()
  setTimeout(() => URL.revokeObjectURL(at), 60_000)
}
