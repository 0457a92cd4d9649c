// A file as a raw body, with the share already sent.
import { address, ApiError, errorOf, recovered, writeHeaders, type Query } from './client'

interface Answer {
  status: number
  text: string
  retryAfter: string | null
}

function send(url: string, file: File, onShare: (share: number) => void): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const xhr = new XMLHttpRequest()
    xhr.open('POST', url)
    for (const [name, value] of Object.entries(writeHeaders('application/octet-stream')))
      xhr.setRequestHeader(name, value)
    xhr.upload.onprogress = (e) => onShare(e.total ? e.loaded / e.total : 0)
    xhr.onload = () =>
      resolve({
        status: xhr.status,
        text: xhr.responseText,
        retryAfter: xhr.getResponseHeader('retry-after'),
      })
    xhr.onerror = () =>
      reject(new ApiError(0, 'E_UNAVAILABLE', '上传中断，请检查网络后再试'))
    xhr.send(file)
  })
}

export async function upload<T>(
  path: string,
  query: Query,
  file: File,
  onShare: (share: number) => void,
): Promise<T> {
  const url = address(path, query)
  let answer = await send(url, file, onShare)
  if (await recovered(answer.status, true)) answer = await send(url, file, onShare)
  if (answer.status < 200 || answer.status > 299)
    throw errorOf(answer.status, answer.text, answer.retryAfter)
  return JSON.parse(answer.text) as T
}
