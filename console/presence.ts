/** When the person last touched key, mouse or screen: what keeps a session awake and what locks it. */
let lastAt = Date.now();

const signs = ['keydown', 'pointerdown', 'pointermove', 'wheel', 'touchstart'] as const;

/** Called once by the entry point. */
export function listenForPresence(): void {
  const seen = () => {
    lastAt = Date.now();
  };
  for (const sign of signs) document.addEventListener(sign, seen, { passive: true, capture: true });
}

export function idleMs(): number {
  return Date.now() - lastAt;
}
