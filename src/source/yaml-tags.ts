import { Scalar, type ScalarTag, type Tags } from 'yaml';

/**
 * kubectl reads YAML 1.1 as go-yaml does: `yes`, `on` and `y` are booleans, `0644` is octal, `1_000` is a thousand. Other
 * parts of YAML 1.1 (sexagesimal numbers, dates) are text to it, as they are in YAML 1.2.
 */
export function withYaml11(tags: Tags): Tags {
  return [BOOLEAN, NUMBER, ...tags];
}

const BOOLEAN: ScalarTag = {
  tag: 'tag:yaml.org,2002:bool',
  default: true,
  test: /^(?:[Yy]|[Yy]es|YES|[Oo]n|ON|[Nn]|[Nn]o|NO|[Oo]ff|OFF)$/,
  resolve: text => new Scalar(/^(?:y|o?on$)/i.test(text)),
};

const NUMBER: ScalarTag = {
  tag: 'tag:yaml.org,2002:int',
  default: true,
  test: /^[-+]?(?:0[0-7_]+|0b[01_]+|[1-9][0-9]*_[0-9_]*)$/,
  resolve: text => {
    const [, sign = '', prefix = '', digits = ''] =
      /^([-+]?)(0b?)?(.*)$/.exec(text.replaceAll('_', '')) ?? [];
    const value = Number.parseInt(digits, prefix === '' ? 10 : prefix === '0' ? 8 : 2);
    return sign === '-' ? -value : value;
  },
};
