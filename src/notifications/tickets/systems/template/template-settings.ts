import { z } from 'zod';
import { baseSetting } from '../parts/addresses';
import { jsonPointer } from './json-pointer';
import { leavesOf, problemOf, type Names } from './template-text';

const NOT_OURS =
  /^(?:host|content-length|content-type|connection|keep-alive|transfer-encoding|te|trailer|upgrade|expect|proxy-.*)$/i;
const headerName = z
  .string()
  .max(60)
  .regex(/^[A-Za-z][A-Za-z0-9-]*$/, 'must be the name of a header')
  .refine((name) => !NOT_OURS.test(name), 'is a header that Mothball sets itself');
const headerValue = z
  .string()
  .max(2_000)
  .regex(/^[\x20-\x7e]*$/, 'must be printable ASCII');
const text = z.string().max(10_000);
const word = z.string().min(1).max(200);

const request = z.strictObject({
  method: z.enum(['GET', 'POST', 'PUT', 'PATCH', 'DELETE']),
  /** After `base`; a template, of which each value is one part of the path or the query. */
  path: z
    .string()
    .max(1_000)
    .regex(/^\/[^\s\\#]*$/, 'must begin with / and have no space, # or backslash')
    .refine((path) => !/(?:^|\/)\.{1,2}(?:\/|\?|$)/.test(path) && !path.startsWith('//'), 'must have no ".." or "//"'),
  headers: z.record(headerName, headerValue).default({}),
  /** A document: its texts are templates. */
  body: z.json().optional(),
  /** Instead of `body`: sent as a form; its values are templates. */
  form: z.record(z.string().min(1).max(200), text).optional(),
  /** Where in the answer the ticket is (of `find`: the list of tickets). */
  answer: jsonPointer.default(''),
});

export type TemplateRequest = z.infer<typeof request>;

/** What each request's templates may show. */
const CONTENT = ['key', 'title', 'severity', 'owner', 'text', 'link', 'count', 'more'];
const LISTS = { findings: ['title', 'why', 'link'], remediation: ['.'], follows: ['reference', 'url'] };
const SHOWN = {
  create: { plain: CONTENT, lists: LISTS },
  update: { plain: [...CONTENT, 'id'], lists: LISTS },
  find: { plain: ['key'], lists: {} },
  read: { plain: ['id'], lists: {} },
  comment: { plain: ['id', 'comment'], lists: {} },
  close: { plain: ['id', 'comment'], lists: {} },
  reopen: { plain: ['id', 'comment'], lists: {} },
} satisfies Record<string, Names>;
const OPERATIONS = Object.keys(SHOWN) as (keyof typeof SHOWN)[];

export const templateSettings = z
  .strictObject({
    /** `https://tickets.example.com/api`: nothing outside of it is asked. */
    base: baseSetting,
    create: request,
    /** By key; `key`: where in each entry of the list the key, or a text with it, is. */
    find: request.extend({ key: jsonPointer }),
    read: request,
    close: request,
    /** Without it, changes become comments. */
    update: request.optional(),
    /** Without it, there are no comments. */
    comment: request.optional(),
    /** Without it, a successor is made. */
    reopen: request.optional(),
    /** Where, in a ticket, these are. */
    answers: z.strictObject({
      id: jsonPointer,
      state: jsonPointer,
      reference: jsonPointer.optional(),
      url: jsonPointer.optional(),
      /** How it was closed, where the state does not say it. */
      closedAs: jsonPointer.optional(),
      version: jsonPointer.optional(),
      changedAt: jsonPointer.optional(),
      title: jsonPointer.optional(),
      /** The text that {{text}} was written to: without it, nothing is ever written anew. */
      text: jsonPointer.optional(),
    }),
    states: z.strictObject({ closed: z.array(word).min(1).max(20), wontDo: z.array(word).max(20).default([]) }),
    /** `{"priority": {"low": 4, …}}` is shown as {{map.priority}}. */
    maps: z
      .record(
        z.string().regex(/^[a-zA-Z]{1,40}$/, 'must be letters'),
        z.strictObject({
          low: z.union([z.string().max(200), z.number()]),
          medium: z.union([z.string().max(200), z.number()]),
          high: z.union([z.string().max(200), z.number()]),
          critical: z.union([z.string().max(200), z.number()]),
        }),
      )
      .default({}),
    /** Where, in the signed messages that come in, the ticket's id is. */
    inbound: z.strictObject({ id: jsonPointer.default('/data/id') }).prefault({}),
  })
  .superRefine((settings, context) => {
    const maps = Object.keys(settings.maps).map((name) => `map.${name}`);
    for (const operation of OPERATIONS) {
      const given = settings[operation];
      if (given === undefined) continue;
      const { plain, lists } = SHOWN[operation];
      const names = { plain: plain.includes('title') ? [...plain, ...maps] : plain, lists };
      const reads = operation === 'find' || operation === 'read';
      if (reads && given.method !== 'GET' && given.method !== 'POST') {
        context.addIssue({ code: 'custom', path: [operation, 'method'], message: 'must be GET, or POST for a search' });
      }
      if (given.body !== undefined && given.form !== undefined) {
        context.addIssue({ code: 'custom', path: [operation], message: 'has both a body and a form: leave one out' });
      }
      for (const [place, template] of templatesOf(given)) {
        const problem = problemOf(template, names);
        if (problem !== null) context.addIssue({ code: 'custom', path: [operation, place], message: problem });
      }
    }
    const titles = settings.update !== undefined && JSON.stringify(settings.update).includes('{{title}}');
    if (titles && settings.answers.title === undefined) {
      const message = 'is needed where {{title}} is updated: else a title that people gave would be overwritten';
      context.addIssue({ code: 'custom', path: ['answers', 'title'], message });
    }
  });

export function templatesOf({ path, headers, body, form }: TemplateRequest): (readonly [string, string])[] {
  return [
    ['path', path] as const,
    ...Object.values(headers).map((value) => ['headers', value] as const),
    ...leavesOf(body).map((leaf) => ['body', leaf] as const),
    ...Object.values(form ?? {}).map((value) => ['form', value] as const),
  ];
}

/** Headers that are secret: `{"authorization": "Bearer …"}`. They are added to each request. */
export const templateCredential = z.strictObject({
  headers: z
    .record(headerName, headerValue.min(1))
    .refine((headers) => Object.keys(headers).length <= 10, 'at most 10'),
});

export type TemplateSettings = z.infer<typeof templateSettings>;
export type TemplateCredential = z.infer<typeof templateCredential>;
