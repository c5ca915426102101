/** Numbers with three decimals, as logs and fields have them: microseconds are what the clock is good for. On the hot path. */

/** Numbers whose thousandths are still exact integers. */
const MAX_EXACT = 1e12;
const FRACTIONS = Array.from({ length: 1000 }, (_, n) => {
  const digits = String(n).padStart(3, '0').replace(/0+$/, '');
  return digits === '' ? '' : `.${digits}`;
});

/** JSON's text of `value`, rounded; `null` where it is no finite number. Put together of small integers, whose texts V8 keeps. */
export function threeDecimals(value: number): string {
  if (Number.isInteger(value)) return `${value}`;
  if (!(Math.abs(value) < MAX_EXACT)) return Number.isFinite(value) ? `${value}` : 'null';
  const thousandths = Math.round(value * 1000);
  const whole = Math.trunc(thousandths / 1000);
  if (thousandths < 0) return `${thousandths / 1000}`;
  return whole + (FRACTIONS[thousandths - whole * 1000] as string);
}
