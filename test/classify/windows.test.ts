import fc from 'fast-check'
import { expect, it } from 'vitest'
import { windowsOf } from '../../src/classify/windows.ts'

it('covers every text with overlapping windows and cuts nothing', () => {
  fc.assert(
    fc.property(fc.integer({ min: 0, max: 3000 }), fc.integer({ min: 256, max: 700 }), (length, size) => {
      const text = Array.from({ length }, (_, i) => String.fromCharCode(0x4e00 + i)).join('')
      const windows = windowsOf(text, size)
      expect(new Set(windows.join('')).size).toBe(length)
      expect(windows.every((window) => window.length <= size)).toBe(true)
      expect(windows.at(-1)?.at(-1)).toBe(text.at(-1))
      const seams = windows.slice(1).map((window, i) => windows[i]?.includes(window.slice(0, size / 20)))
      expect(seams).not.toContain(false)
    }),
  )
})
