import type { ReactNode } from 'react';
import { Button as AriaButton } from 'react-aria-components';

interface ButtonProps {
  readonly children: ReactNode;
  readonly onPress?: () => void;
  readonly look?: 'primary' | 'grave' | 'plain' | undefined;
  readonly size?: 'large' | undefined;
  /** Shortcut shown beside the words; the screen registers it. */
  readonly keys?: string | undefined;
  readonly label?: string | undefined;
  readonly type?: 'submit' | 'button';
  readonly isDisabled?: boolean;
  readonly isPending?: boolean;
  readonly autoFocus?: boolean;
  readonly isExpanded?: boolean;
}

export function Button(props: ButtonProps) {
  const { children, look, size, keys, label, onPress, isExpanded, isDisabled, isPending, autoFocus } = props;
  return (
    <AriaButton
      className={['button', look, size].filter(Boolean).join(' ')}
      // Busy is not disabled, which would drop the focus; a busy button just does nothing more.
      type={isPending === true ? 'button' : (props.type ?? 'button')}
      isDisabled={isDisabled ?? false}
      autoFocus={autoFocus ?? false}
      {...(onPress === undefined ? {} : { onPress: () => (isPending === true ? undefined : onPress()) })}
      {...(isPending === true ? { 'aria-disabled': true } : {})}
      {...(label === undefined ? {} : { 'aria-label': label })}
      {...(isExpanded === undefined ? {} : { 'aria-expanded': isExpanded })}
      {...(keys === undefined ? {} : { 'aria-keyshortcuts': keys })}
    >
      {children}
      {keys === undefined ? null : <Key keys={keys} />}
    </AriaButton>
  );
}

/** A shortcut as printed on the keyboard; decoration, because the button names it to assistive technology itself. */
export function Key({ keys }: { readonly keys: string }) {
  return (
    <span className="key" aria-hidden="true">
      {keys.length > 1 ? keys : keys.toUpperCase()}
    </span>
  );
}
