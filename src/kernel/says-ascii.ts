/** Whether the bytes from one index to another are the text, each character a byte; of others than ASCII's that is not known here. */
export function saysAscii(bytes: Buffer, from: number, to: number, text: string): boolean {
  if (text.length !== to - from) return false;
  for (let i = 0; i < text.length; i++) {
    const byte = bytes[from + i] as number;
    if (byte > 0x7f || byte !== text.charCodeAt(i)) return false;
  }
  return true;
}
