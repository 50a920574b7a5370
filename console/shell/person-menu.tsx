import { useNavigate } from '@tanstack/react-router';
import {
  Button as AriaButton,
  Header,
  Menu,
  MenuItem,
  MenuSection,
  MenuTrigger,
  Popover,
  Separator,
} from 'react-aria-components';
import { useSession } from '../session.ts';
import { changeSettings, type Settings, useSettings } from '../ui/settings.ts';
import { plainWords, sentenceCase } from '../ui/words.ts';
import { useSignOut } from './use-sign-out.ts';

/** Who is signed in, how the console looks for them, and the way out. */
export function PersonMenu({ onHelp, onLock }: { readonly onHelp: () => void; readonly onLock: () => void }) {
  const { staff } = useSession();
  const navigate = useNavigate();
  const signOut = useSignOut();
  return (
    <MenuTrigger>
      <AriaButton className="person" aria-label={`${staff.name}: settings and sign out`}>
        <span className="person-name">{staff.name}</span>
        <span aria-hidden="true">▾</span>
      </AriaButton>
      <Popover className="popover" placement="bottom end">
        <Menu
          className="menu"
          onAction={(key) => {
            if (key === 'help') onHelp();
            if (key === 'account') void navigate({ to: '/account' });
            if (key === 'lock') onLock();
            if (key === 'sign-out') signOut.mutate();
          }}
        >
          <MenuSection>
            <Header className="menu-heading">
              {staff.roles.map((role) => sentenceCase(plainWords(role))).join(', ')}
            </Header>
            <MenuItem id="account" className="menu-item">
              Your account
            </MenuItem>
            <MenuItem id="help" className="menu-item">
              Keyboard shortcuts
            </MenuItem>
          </MenuSection>
          <Separator className="menu-rule" />
          <Choices
            name="theme"
            title="Appearance"
            options={{ system: 'As the system', light: 'Light', dark: 'Dark' }}
          />
          <Choices
            name="density"
            title="Density"
            options={{ comfortable: 'Comfortable', compact: 'Compact' }}
          />
          <Separator className="menu-rule" />
          <MenuItem id="lock" className="menu-item">
            Lock the screen
          </MenuItem>
          <MenuItem id="sign-out" className="menu-item">
            Sign out
          </MenuItem>
        </Menu>
      </Popover>
    </MenuTrigger>
  );
}

interface ChoicesProps {
  readonly name: keyof Settings;
  readonly title: string;
  readonly options: Readonly<Record<string, string>>;
}

function Choices({ name, title, options }: ChoicesProps) {
  const settings = useSettings();
  return (
    <MenuSection
      selectionMode="single"
      disallowEmptySelection
      selectedKeys={[settings[name]]}
      onSelectionChange={(keys) => {
        for (const key of keys) changeSettings({ [name]: key } as Partial<Settings>);
      }}
    >
      <Header className="menu-heading">{title}</Header>
      {Object.entries(options).map(([id, label]) => (
        <MenuItem key={id} id={id} className="menu-item">
          {label}
        </MenuItem>
      ))}
    </MenuSection>
  );
}
