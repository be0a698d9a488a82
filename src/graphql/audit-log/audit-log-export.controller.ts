import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { Controller, Get, Query, Req, Res } from '@nestjs/common';
import type { Request, Response } from 'express';
import { badInput } from '../../errors';
import { DateTime } from '../core/date-time.scalar';
import { maskError } from '../core/mask-error';
import { Refusals } from '../core/refusals/refusals.service';
import { type RequestContext, RequestContexts } from '../core/request-context';
import { AuditLogExport, type WantedExport } from './audit-log-export.service';
import { exportFormats } from '../../tenancy/audit-log/export-formats';

const STATUS: Readonly<Record<string, number>> = {
  BAD_INPUT: 400,
  UNAUTHENTICATED: 401,
  FORBIDDEN: 403,
  NOT_A_MEMBER: 403,
  NOT_FOUND: 404,
  TENANT_NOT_CHOSEN: 400,
  RATE_LIMITED: 429,
  UNAVAILABLE: 503,
};

const ARGUMENTS = ['format', 'from', 'to', 'tenant'];

/** The audit log as a download, with the same `Authorization` header as GraphQL. */
@Controller('export')
export class AuditLogExportController {
  constructor(
    private readonly contexts: RequestContexts,
    private readonly exports: AuditLogExport,
    private readonly refusals: Refusals,
  ) {}

  @Get('audit-log')
  async download(
    @Req() request: Request,
    @Res() response: Response,
    @Query() query: Record<string, unknown>,
  ): Promise<void> {
    let texts: AsyncIterable<string>;
    let ask: RequestContext | undefined;
    try {
      const wanted = readQuery(query);
      ask = await this.contexts.open({ req: request });
      texts = await this.exports.open(ask, wanted);
      const { contentType } = exportFormats[wanted.format];
      response.status(200).set({
        'content-type': contentType,
        'content-disposition': `attachment; filename="audit-log.${wanted.format}"`,
        'cache-control': 'no-store',
      });
    } catch (error) {
      const masked = maskError(error);
      const params = { operationName: 'export/audit-log' };
      this.refusals.note([masked], { initial: { req: request }, ask, params });
      const { message, extensions } = masked;
      const { code, requestId } = extensions;
      response.status(STATUS[String(code)] ?? 500).json({ errors: [{ message, extensions: { code, requestId } }] });
      return;
    }
    // What fails from here on breaks the connection, so that half a log is not taken for a whole one.
    await pipeline(Readable.from(texts), response).catch((error: unknown) => void maskError(error));
  }
}

/** Throws BAD_INPUT. */
function readQuery(query: Record<string, unknown>): WantedExport {
  const unknown = Object.keys(query).filter((name) => !ARGUMENTS.includes(name));
  if (unknown.length > 0) throw badInput(`${unknown.join(', ')}: no such argument; there are ${ARGUMENTS.join(', ')}.`);
  const format = query['format'] ?? 'ndjson';
  if (format !== 'ndjson' && format !== 'csv') throw badInput('format: ndjson or csv.');
  const [from, to] = [timeOf(query, 'from'), timeOf(query, 'to')];
  if (from !== null && to !== null && from >= to) throw badInput('to: must be after from.');
  const { tenant = null } = query;
  if (tenant !== null && typeof tenant !== 'string') throw badInput('tenant: name one.');
  return { format, from, to, tenant };
}

function timeOf(query: Record<string, unknown>, name: string): Date | null {
  const text = query[name];
  if (text === undefined) return null;
  try {
    return DateTime.parseValue(text);
  } catch {
    throw badInput(`${name}: a time such as 2026-11-22T10:00:00Z or 2026-11-22.`);
  }
}
