/**
 * Whether a number of a JSON text survives being read as a double and written again. What a double
 * says is its shortest decimal, as every program writes it.
 */

/** False for digits that are rounded, for what is too large or too small, and for -0. */
export function isExactNumber(text: string): boolean {
  const value = Number(text);
  if (!Number.isFinite(value)) return false;
  const said = String(value);
  return said === text || decimal(said) === decimal(text);
}

/** The same text for all spellings of one number: its sign, its digits and its exponent. */
function decimal(text: string): string {
  const [, sign = '', whole = '', part = '', power = '0'] = parts.exec(text) ?? [];
  const digits = whole + part;
  const significant = digits.replace(/^0+/, '').replace(/0+$/, '');
  if (significant === '') return `${sign}0`;
  const zeros = digits.length - digits.replace(/0+$/, '').length;
  return `${sign}${significant}e${Number(power) - part.length + zeros}`;
}

const parts = /^(-?)(\d+)(?:\.(\d*))?(?:[eE]([+-]?\d+))?$/;
