import type { MessageWords } from '../message';
import { told } from './told';

const ENTITIES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};

/** For text and for attributes in double quotes. */
const escapeHtml = (text: string): string => text.replace(/[&<>"']/g, (found) => ENTITIES[found] ?? '');

/** Simple enough for every mail program: no images, no scripts, no styles from elsewhere. `footer`: lines below, as text. */
export function html(words: MessageWords, footer: readonly string[]): string {
  const { title, paragraphs, facts, link } = told(words);
  const rows = facts.map(
    ({ name, value }) => `<tr><th align="left" valign="top">${escapeHtml(name)}</th><td>${escapeHtml(value)}</td></tr>`,
  );
  return [
    '<!DOCTYPE html>',
    `<html lang="en"><head><meta charset="utf-8"><title>${escapeHtml(title)}</title></head><body>`,
    `<h2>${escapeHtml(title)}</h2>`,
    ...paragraphs.map((paragraph) => `<p>${escapeHtml(paragraph)}</p>`),
    ...(rows.length === 0 ? [] : ['<table cellpadding="4">', ...rows, '</table>']),
    ...(link === null ? [] : [`<p><a href="${escapeHtml(link)}">Look at it in Mothball</a></p>`]),
    '<hr>',
    `<p><small>${footer.map(escapeHtml).join('<br>')}</small></p>`,
    '</body></html>',
    '',
  ].join('\n');
}
