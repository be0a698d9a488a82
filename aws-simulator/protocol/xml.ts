import { XMLBuilder } from 'fast-xml-parser';
import type { AwsError } from './aws-error';

export type XmlValue = string | number | boolean | undefined | XmlValue[] | { [name: string]: XmlValue };
export type XmlObject = { [name: string]: XmlValue };

const builder = new XMLBuilder({ ignoreAttributes: false, attributeNamePrefix: '@', suppressEmptyNode: true });

/** A list as the Query protocol writes it; an empty one is an empty element, not a missing one. */
export const members = (items: readonly XmlValue[]): XmlValue => (items.length === 0 ? '' : { member: [...items] });

export const tagMembers = (tags: ReadonlyMap<string, string>): XmlValue =>
  members([...tags].map(([Key, Value]) => ({ Key, Value })));

/** AWS writes whole seconds: `2024-01-02T03:04:05Z`. */
export const timestamp = (date: Date): string => `${date.toISOString().slice(0, 19)}Z`;

/** Policy documents travel percent-encoded (RFC 3986) in IAM's answers. */
export const encodedDocument = (document: string): string =>
  encodeURIComponent(document).replace(/[!'()*]/g, (found) => `%${found.charCodeAt(0).toString(16).toUpperCase()}`);

export function queryAnswer(
  action: string,
  namespace: string,
  result: XmlObject | undefined,
  requestId: string,
): string {
  const body: XmlObject = { '@xmlns': namespace };
  if (result) body[`${action}Result`] = result;
  body.ResponseMetadata = { RequestId: requestId };
  return builder.build({ [`${action}Response`]: withoutUndefined(body) });
}

export function queryError(error: AwsError, namespace: string, requestId: string): string {
  return builder.build({
    ErrorResponse: {
      '@xmlns': namespace,
      Error: { Type: error.type, Code: error.code, Message: error.message },
      RequestId: requestId,
    },
  });
}

function withoutUndefined(value: XmlValue): XmlValue {
  if (Array.isArray(value)) return value.map(withoutUndefined);
  if (typeof value !== 'object') return value;
  return Object.fromEntries(
    Object.entries(value)
      .filter(([, inner]) => inner !== undefined)
      .map(([name, inner]) => [name, withoutUndefined(inner)]),
  );
}
