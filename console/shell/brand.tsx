/** Says on every screen that nothing here is real. */
export function DemonstrationBand() {
  return (
    <aside className="band" aria-label="Demonstration">
      <strong>Demonstration</strong>: every person, service and picture here is invented
    </aside>
  );
}

export function BrandMark() {
  return (
    <svg className="brand-mark" viewBox="0 0 32 32" aria-hidden="true">
      <path
        d="M3 23h26M8 28h16M9 18a7 7 0 0 1 14 0M16 3v4M5.5 8l2.6 2.6M26.5 8l-2.6 2.6"
        fill="none"
        stroke="currentColor"
        strokeWidth="2.4"
        strokeLinecap="round"
      />
    </svg>
  );
}
