import { Button } from '../ui/button.tsx';
import { Dialog } from '../ui/dialog.tsx';
import { Segments } from '../ui/fields.tsx';
import { changeSettings, useSettings } from '../ui/settings.ts';
import { activeShortcuts, type Shortcut } from '../ui/shortcuts.ts';

const groups: readonly Shortcut['group'][] = ['In the line', 'In a report', 'Go to', 'Anywhere'];

/** Every shortcut that works on the screen behind it. */
export function HelpSheet({ isOpen, onClose }: { readonly isOpen: boolean; readonly onClose: () => void }) {
  return (
    <Dialog title="Keyboard shortcuts" isOpen={isOpen} onClose={onClose} isWide>
      <ShortcutList />
      <KeysSwitch />
      <div className="dialog-buttons">
        <Button look="primary" onPress={onClose} autoFocus>
          Close
        </Button>
      </div>
    </Dialog>
  );
}

function ShortcutList() {
  const shortcuts = activeShortcuts();
  return (
    <div className="help-groups">
      {groups.map((group) => {
        const inGroup = shortcuts.filter((shortcut) => shortcut.group === group);
        return inGroup.length === 0 ? null : (
          <section key={group}>
            <h3>{group}</h3>
            <dl className="help-list">
              {inGroup.map((shortcut) => (
                <div key={shortcut.keys}>
                  <dt>
                    {shortcut.keys.split(' ').map((key) => (
                      <kbd key={key} className="help-key">
                        {key === 'Escape' ? 'Esc' : key}
                      </kbd>
                    ))}
                  </dt>
                  <dd>{shortcut.label}</dd>
                </div>
              ))}
            </dl>
          </section>
        );
      })}
    </div>
  );
}

function KeysSwitch() {
  const { keys } = useSettings();
  return (
    <div className="help-switch">
      <span>Single-key shortcuts</span>
      <Segments
        label="Single-key shortcuts"
        options={[
          { id: 'on', label: 'On' },
          { id: 'off', label: 'Off' },
        ]}
        value={keys}
        onChange={(value) => changeSettings({ keys: value })}
      />
    </div>
  );
}
