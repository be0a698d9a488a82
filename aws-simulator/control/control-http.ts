import { ZodError, z } from 'zod';
import type { World } from '../world/world';
import { WorldError } from '../world/world-error';
import type { Control } from './control';
import { endpoints } from './endpoints';

export const CONTROL_PATH = '/_control';

export interface ControlAnswer {
  status: number;
  body: string;
}

/** Answers the control API. `GET /_control` lists what there is. */
export function controlHttp(control: Control, world: World): (method: string, url: URL, body: string) => ControlAnswer {
  const list = endpoints(control, world);
  return (method, url, body) => {
    const path = url.pathname.slice(CONTROL_PATH.length + 1);
    if (path === '') {
      return json(200, {
        endpoints: list.map((endpoint) => ({
          method: endpoint.method,
          path: `${CONTROL_PATH}/${endpoint.path}`,
          about: endpoint.about,
        })),
      });
    }
    const endpoint = list.find((candidate) => candidate.path === path && candidate.method === method);
    if (!endpoint) return json(404, { error: `There is no ${method} ${url.pathname}. See GET ${CONTROL_PATH}.` });
    try {
      const input: unknown =
        method === 'GET' ? Object.fromEntries(url.searchParams) : JSON.parse(body === '' ? '{}' : body);
      return json(200, endpoint.run(input) ?? { done: true });
    } catch (error) {
      return refused(error);
    }
  };
}

function refused(error: unknown): ControlAnswer {
  if (error instanceof ZodError) return json(400, { error: z.prettifyError(error) });
  if (error instanceof WorldError) return json(error.code === 'NoSuchEntity' ? 404 : 400, { error: error.message });
  return json(400, { error: error instanceof Error ? error.message : String(error) });
}

const json = (status: number, value: unknown): ControlAnswer => ({
  status,
  body: JSON.stringify(value, (_name, inner: unknown) =>
    inner instanceof Map ? Object.fromEntries(inner as Map<string, unknown>) : inner,
  ),
});
