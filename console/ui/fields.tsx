import type { ReactNode } from 'react';
import {
  Button as AriaButton,
  Checkbox,
  CheckboxGroup,
  FieldError,
  Input,
  Label,
  ListBox,
  ListBoxItem,
  Popover,
  Radio,
  RadioGroup,
  Select,
  SelectValue,
  Text,
  TextArea,
  TextField,
  ToggleButton,
  ToggleButtonGroup,
} from 'react-aria-components';

export interface Option<T extends string = string> {
  readonly id: T;
  readonly label: string;
  readonly hint?: string;
}

interface TextProps {
  readonly label: string;
  readonly value: string;
  readonly onChange: (value: string) => void;
  readonly hint?: string;
  readonly isRequired?: boolean;
  readonly minLength?: number;
  readonly maxLength?: number;
  readonly isLong?: boolean;
  readonly autoFocus?: boolean;
}

export function TextBox(props: TextProps) {
  return (
    <TextField
      className="field"
      value={props.value}
      onChange={props.onChange}
      isRequired={props.isRequired ?? false}
      autoFocus={props.autoFocus ?? false}
      {...(props.minLength === undefined ? {} : { minLength: props.minLength })}
      {...(props.maxLength === undefined ? {} : { maxLength: props.maxLength })}
    >
      <Label className="field-label">{props.label}</Label>
      {props.hint === undefined ? null : (
        <Text slot="description" className="field-hint">
          {props.hint}
        </Text>
      )}
      {props.isLong === true ? <TextArea className="input" rows={4} /> : <Input className="input" />}
      <FieldError className="field-error" />
    </TextField>
  );
}

interface ChoiceProps<T extends string> {
  readonly label: string;
  readonly options: readonly Option<T>[];
  readonly value: T | undefined;
  readonly onChange: (value: T) => void;
  readonly isRequired?: boolean;
  readonly autoFocus?: boolean;
}

/** One of a few, all in view. */
export function RadioList<T extends string>(props: ChoiceProps<T>) {
  return (
    <RadioGroup
      className="field"
      value={props.value ?? null}
      onChange={(value) => props.onChange(value as T)}
      isRequired={props.isRequired ?? false}
    >
      <Label className="field-label">{props.label}</Label>
      {props.options.map((option, index) => (
        <Radio
          key={option.id}
          value={option.id}
          className="choice"
          autoFocus={props.autoFocus === true && index === 0}
        >
          <span className="choice-mark" />
          <ChoiceWords option={option} />
        </Radio>
      ))}
      <FieldError className="field-error" />
    </RadioGroup>
  );
}

function ChoiceWords({ option }: { readonly option: Option }) {
  return (
    <span>
      {option.label}
      {option.hint === undefined ? null : <span className="field-hint"> — {option.hint}</span>}
    </span>
  );
}

interface ManyProps<T extends string> {
  readonly label: string;
  readonly options: readonly Option<T>[];
  readonly values: readonly T[];
  readonly onChange: (values: T[]) => void;
}

export function CheckList<T extends string>({ label, options, values, onChange }: ManyProps<T>) {
  return (
    <CheckboxGroup
      className="field"
      value={[...values]}
      onChange={(chosen) => onChange(chosen as T[])}
      isRequired
    >
      <Label className="field-label">{label}</Label>
      {options.map((option) => (
        <Checkbox key={option.id} value={option.id} className="choice">
          <span className="choice-mark square">
            <svg viewBox="0 0 16 16" aria-hidden="true">
              <path d="m3.5 8.5 3 3 6-7" />
            </svg>
          </span>
          <ChoiceWords option={option} />
        </Checkbox>
      ))}
      <FieldError className="field-error">Choose at least one.</FieldError>
    </CheckboxGroup>
  );
}

interface PickerProps<T extends string> {
  readonly label: string;
  readonly options: readonly Option<T>[];
  readonly value: T;
  readonly onChange: (value: T) => void;
}

/** One of many, folded away. The label is spoken; the chosen option is what shows. */
export function Picker<T extends string>({ label, options, value, onChange }: PickerProps<T>) {
  return (
    <Select aria-label={label} value={value} onChange={(key) => onChange(key as T)}>
      <AriaButton className="select-button">
        <SelectValue />
        <span aria-hidden="true">▾</span>
      </AriaButton>
      <Popover className="popover">
        <ListBox className="menu" items={options}>
          {(option) => (
            <ListBoxItem id={option.id} className="menu-item" textValue={option.label}>
              {option.label}
            </ListBoxItem>
          )}
        </ListBox>
      </Popover>
    </Select>
  );
}

interface SegmentsProps<T extends string> {
  readonly label: string;
  readonly options: readonly { readonly id: T; readonly label: ReactNode }[];
  readonly value: T;
  readonly onChange: (value: T) => void;
}

/** One of two to four, side by side. */
export function Segments<T extends string>({ label, options, value, onChange }: SegmentsProps<T>) {
  return (
    <ToggleButtonGroup
      className="segments"
      aria-label={label}
      selectionMode="single"
      disallowEmptySelection
      selectedKeys={[value]}
      onSelectionChange={(keys) => {
        for (const key of keys) onChange(key as T);
      }}
    >
      {options.map((option) => (
        <ToggleButton key={option.id} id={option.id} className="segment">
          {option.label}
        </ToggleButton>
      ))}
    </ToggleButtonGroup>
  );
}
