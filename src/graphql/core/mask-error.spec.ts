import { Logger } from '@nestjs/common';
import { GraphQLError } from 'graphql';
import { DomainError } from '../../errors';
import { maskError } from './mask-error';

const located = (cause: Error): GraphQLError =>
  new GraphQLError(cause.message, { path: ['findings'], originalError: cause });

let logged: jest.SpyInstance;
beforeEach(() => (logged = jest.spyOn(Logger.prototype, 'error').mockImplementation(() => undefined)));
afterEach(() => logged.mockRestore());

describe('an error that callers see', () => {
  it('is a refusal with its code, its sentence and its remedy', () => {
    const cause = new DomainError('BAD_INPUT', 'name: must not be empty.', { remedy: 'Give a name.' });
    expect(maskError(located(cause)).toJSON()).toMatchObject({
      message: 'name: must not be empty.',
      path: ['findings'],
      extensions: { code: 'BAD_INPUT', remedy: 'Give a name.' },
    });
    expect(logged).not.toHaveBeenCalled();
  });

  it('is GraphQL’s own for a query that is not valid', () => {
    const error = new GraphQLError('Syntax Error: Unexpected "}".');
    expect(maskError(error).toJSON()).toMatchObject({ message: error.message, extensions: { code: 'BAD_QUERY' } });
  });

  it.each(['22P02', '22007', '22021'])('blames the value that Postgres refused with %s', (code) => {
    const cause = Object.assign(new Error('invalid input syntax for type uuid: "x"'), { code });
    expect(maskError(located(cause)).toJSON().extensions).toEqual({ code: 'BAD_INPUT' });
  });

  it.each([
    ['ECONNREFUSED', 'UNAVAILABLE'],
    ['57014', 'TIMEOUT'],
  ])('says of %s that it is %s', (code, expected) => {
    const cause = Object.assign(new Error('connect ECONNREFUSED 10.0.0.7:5432'), { code });
    expect(maskError(located(cause)).toJSON()).toMatchObject({
      message: expect.not.stringContaining('10.0.0.7') as string,
      extensions: { code: expected },
    });
  });

  it('tells nothing else of what went wrong, but the id under which it is logged', () => {
    const cause = new Error('duplicate key value violates "secret_table"');
    const { message, extensions } = maskError(located(cause)).toJSON();
    expect(message).not.toContain('secret_table');
    expect(extensions).toEqual({ code: 'INTERNAL', requestId: expect.any(String) as string });
    expect(message).toContain(extensions?.['requestId']);
    expect(logged).toHaveBeenCalledWith(
      expect.objectContaining({ requestId: extensions?.['requestId'], err: cause }),
      expect.any(String),
    );
  });

  it('takes a null where none may be for our own fault', () => {
    const error = new GraphQLError('Cannot return null for non-nullable field Finding.why.', {
      path: ['finding', 'why'],
    });
    expect(maskError(error).extensions['code']).toBe('INTERNAL');
  });
});
