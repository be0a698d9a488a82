import { MasterKeys } from './master-keys';

const of = (byte: number): string => Buffer.alloc(32, byte).toString('base64');

describe('master keys', () => {
  it('are read from a list; the first one is current, the others open', () => {
    const keys = MasterKeys.parse(`new:${of(1)}, old-2026.1:${of(2)}`);
    expect(keys.currentId).toBe('new');
    expect(keys.current.export()).toEqual(Buffer.alloc(32, 1));
    expect(keys.byId('old-2026.1').export()).toEqual(Buffer.alloc(32, 2));
  });

  it('are read from the lines of a file as well', () => {
    expect(
      MasterKeys.parse(`a:${of(1)}\nb:${of(2)}\n`)
        .byId('b')
        .export(),
    ).toEqual(Buffer.alloc(32, 2));
  });

  it.each([
    ['nothing', '', /secrets need a key.*openssl rand -base64 32/],
    ['no id', of(1), /key 1 is not of the form/],
    ['a key that is too short', `a:${of(1)},b:${Buffer.alloc(16).toString('base64')}`, /key 2 .* 32 bytes/],
    ['an id twice', `a:${of(1)},a:${of(2)}`, /"a" is there twice/],
  ])('refuse %s with the remedy', (_what, text, sentence) => {
    expect(() => MasterKeys.parse(text)).toThrow(sentence);
  });

  it('are never quoted in an error', () => {
    const almost = `id ${of(1)}`;
    for (const text of [almost, `a:${of(1).slice(1)}`, `a:${of(1)},a:${of(1)}`]) {
      expect(() => MasterKeys.parse(text)).toThrow(expect.objectContaining({ code: 'CONFIG_INVALID' }) as Error);
      expect(() => MasterKeys.parse(text)).not.toThrow(of(1).slice(1, 20));
    }
  });

  it('that are missing are named, with how to put them back', () => {
    const keys = MasterKeys.parse(`new:${of(1)}`);
    expect(() => keys.byId('old')).toThrow(
      expect.objectContaining({
        code: 'ENCRYPTION_KEY_MISSING',
        message: expect.stringContaining('"old"') as string,
        remedy: expect.stringContaining('npm run secrets:rotate') as string,
      }) as Error,
    );
  });
});
