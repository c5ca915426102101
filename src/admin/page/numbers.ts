/** Numbers for people: short, and as exact as anybody reads them. */
import { type Html, html } from './html.ts';

const UNITS = ['', ' k', ' M', ' G', ' T'];

/** `950`, `12.3 k`. */
export function amount(value: number): string {
  let [rest, unit] = [value, 0];
  while (rest >= 1000 && unit < UNITS.length - 1) [rest, unit] = [rest / 1000, unit + 1];
  const digits = Number.isInteger(rest) && unit === 0 ? 0 : rest < 10 ? 2 : rest < 100 ? 1 : 0;
  return `${rest.toFixed(digits)}${UNITS[unit]}`;
}

/** How often, in the unit in which it is not a fraction. */
export function frequency(perSecond: number): string {
  if (perSecond >= 1) return `${amount(perSecond)}/s`;
  return perSecond * 60 >= 1 ? `${amount(perSecond * 60)}/min` : `${amount(Math.round(perSecond * 3600))}/h`;
}

export function duration(ms: number): string {
  const seconds = Math.max(0, Math.floor(ms / 1000));
  const [days, hours, minutes] = [
    Math.floor(seconds / 86_400),
    Math.floor(seconds / 3600) % 24,
    Math.floor(seconds / 60) % 60,
  ];
  if (days > 0) return `${days} d ${hours} h`;
  if (hours > 0) return `${hours} h ${minutes} min`;
  return minutes > 0 ? `${minutes} min ${seconds % 60} s` : `${seconds} s`;
}

/** A bar, with its number for who does not see it. */
export function share(part: number, whole: number): Html {
  const percent = whole === 0 ? 0 : Math.round((100 * part) / whole);
  return html`<meter min="0" max="100" value="${percent}">${percent} %</meter> <span class="dim">${percent} %</span>`;
}
