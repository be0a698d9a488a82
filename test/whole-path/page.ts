import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Kind, parse } from 'graphql';

/** The page that describes the way: its steps, and the very requests that the test sends. */
export class Page {
  private readonly text: string;
  private readonly requests = new Map<string, string>();

  constructor(file: string) {
    this.text = readFileSync(join(__dirname, '..', '..', 'docs', file), 'utf8');
    for (const block of this.blocks('graphql')) {
      for (const definition of parse(block).definitions) {
        if (definition.kind === Kind.OPERATION_DEFINITION && definition.name)
          this.requests.set(definition.name.value, block);
      }
    }
  }

  /** The headings of its steps: "1. The platform makes the tenant". */
  get steps(): string[] {
    return [...this.text.matchAll(/^## (\d+\. .*)$/gm)].map(([, step]) => step ?? '');
  }

  get requestNames(): string[] {
    return [...this.requests.keys()];
  }

  request(name: string): string {
    const found = this.requests.get(name);
    if (found === undefined) throw new Error(`The page has no request ${name}.`);
    return found;
  }

  blocks(language: string): string[] {
    return [...this.text.matchAll(new RegExp(`^\`\`\`${language}\\n(.*?)^\`\`\`$`, 'gms'))].map(
      ([, block]) => block ?? '',
    );
  }
}
