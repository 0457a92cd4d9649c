import { nextTick } from 'vue'

/** Puts the cursor into the first field that is not right. */
export async function toInvalid(form: HTMLElement | null): Promise<void> {
  await nextTick()
  form?.querySelector<HTMLElement>('[aria-invalid="true"]')?.focus()
}
