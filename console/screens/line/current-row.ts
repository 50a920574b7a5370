/** The row a person is at, kept through filters, reloads and visits to other screens of this tab. */

const storageKey = 'firstlight.line.row';

export function currentRow(): string | undefined {
  return sessionStorage.getItem(storageKey) ?? undefined;
}

export function rememberRow(reportId: string): void {
  sessionStorage.setItem(storageKey, reportId);
}

function rowElements(): HTMLElement[] {
  return [...document.querySelectorAll<HTMLElement>('[data-row]')].filter((row) => row.offsetParent !== null);
}

/** Focuses one row if it is in view of the list. */
export function focusRow(reportId: string): boolean {
  const row = rowElements().find((element) => element.dataset.row === reportId);
  row?.focus();
  return row !== undefined;
}

/** Moves by `step` rows from the current one; past the end it lands on the button that shows more. */
export function moveRow(step: 1 | -1, openId: string | undefined): void {
  const rows = rowElements();
  const focused = rows.findIndex((row) => row.contains(document.activeElement));
  const remembered = rows.findIndex((row) => row.dataset.row === (openId ?? currentRow()));
  const from = focused === -1 ? remembered : focused;
  const isFresh = focused === -1 && openId === undefined && remembered !== -1;
  const target = rows[isFresh ? from : Math.max(0, from + step)];
  if (target === undefined) document.querySelector<HTMLElement>('.line-more button')?.focus();
  else target.focus();
}
