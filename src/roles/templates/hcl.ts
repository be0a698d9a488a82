import { fill, hasVariable, type PolicyDocument } from './policy';

const VALUES = {
  partition: '${local.partition}',
  account: '${local.account_id}',
  path: '${var.role_path}',
  scan: '${var.scan_role_name}',
  cleanup: '${var.cleanup_role_name}',
  restore: '${var.restore_role_name}',
  externalId: '${local.external_id}',
};

/** A policy as an HCL expression, indented as `terraform fmt` would. */
export const hclPolicy = (document: PolicyDocument, indent: number): string =>
  `jsonencode(${expression(document, indent)})`;

function expression(value: unknown, indent: number): string {
  if (value === '{principals}') return 'var.principal_arns';
  if (typeof value === 'string') return JSON.stringify(hasVariable(value) ? fill(value, VALUES) : value);
  if (Array.isArray(value)) {
    return block(
      '[',
      ']',
      value.map((item) => `${expression(item, indent + 2)},`),
      indent,
    );
  }
  if (typeof value === 'object' && value !== null) {
    const entries = Object.entries(value).map(([key, inner]) => [hclKey(key), expression(inner, indent + 2)] as const);
    return block('{', '}', aligned(entries), indent);
  }
  throw new Error(`No HCL for ${JSON.stringify(value)}`);
}

const hclKey = (key: string): string => (/^[A-Za-z_]\w*$/.test(key) ? key : JSON.stringify(key));

const block = (open: string, close: string, lines: readonly string[], indent: number): string =>
  [open, ...lines.map((line) => ' '.repeat(indent + 2) + line), ' '.repeat(indent) + close].join('\n');

/** `terraform fmt` aligns the equals signs of attributes that follow each other on single lines. */
function aligned(entries: readonly (readonly [string, string])[]): string[] {
  const lines: string[] = [];
  let run: (readonly [string, string])[] = [];
  const flush = (): void => {
    const width = Math.max(0, ...run.map(([key]) => key.length));
    lines.push(...run.map(([key, value]) => `${key.padEnd(width)} = ${value}`));
    run = [];
  };
  for (const entry of entries) {
    if (entry[1].includes('\n')) {
      flush();
      lines.push(`${entry[0]} = ${entry[1]}`);
    } else run.push(entry);
  }
  flush();
  return lines;
}
