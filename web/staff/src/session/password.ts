// What the server would refuse a new password for; it has the last word.
export function weakness(fresh: string, old: string, name: string): string {
  const length = [...fresh].length
  const kinds = [/[a-z]/, /[A-Z]/, /[0-9]/, /[^a-zA-Z0-9]/].filter((k) => k.test(fresh)).length
  if (length < 10) return `还差 ${10 - length} 个字，至少 10 个字`
  if (kinds < 3 && length < 16) return '太简单了：再加一种字符，或者写满 16 个字'
  if (fresh === old) return '新密码不能和现在的一样'
  if (name && fresh.toLowerCase().includes(name.toLowerCase())) return '密码里不能含用户名'
  return ''
}
