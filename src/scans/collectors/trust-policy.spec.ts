import { trustedPrincipals } from './trust-policy';

const encoded = (statement: unknown): string => encodeURIComponent(JSON.stringify({ Statement: statement }));

describe('trustedPrincipals', () => {
  it('reads URL-encoded and plain documents, one statement or several, one principal or several', () => {
    const one = { Effect: 'Allow', Principal: { Service: 'lambda.amazonaws.com' }, Action: 'sts:AssumeRole' };
    const two = {
      Effect: 'Allow',
      Principal: { AWS: ['arn:aws:iam::123456789012:root', 'AROAEXAMPLE'], Federated: 'x' },
    };
    expect(trustedPrincipals(encoded(one))).toEqual(['lambda.amazonaws.com']);
    expect(trustedPrincipals(JSON.stringify({ Statement: [one, two] }))).toEqual([
      'lambda.amazonaws.com',
      'arn:aws:iam::123456789012:root',
      'AROAEXAMPLE',
      'x',
    ]);
  });

  it('reads * and takes NotPrincipal for it', () => {
    expect(trustedPrincipals(encoded({ Effect: 'Allow', Principal: '*' }))).toEqual(['*']);
    expect(trustedPrincipals(encoded({ Effect: 'Allow', NotPrincipal: { AWS: 'x' } }))).toEqual(['*']);
  });

  it('leaves out whom a statement denies', () => {
    expect(trustedPrincipals(encoded({ Effect: 'Deny', Principal: '*' }))).toEqual([]);
  });

  it.each([undefined, '', '%E0%A4%A', 'nonsense', '[]'])('cannot read %j', (document) => {
    expect(trustedPrincipals(document)).toBeNull();
  });
});
