import { v7 } from 'uuid';

/** Ids are made in the app, so that they sort by time on any supported Postgres (`uuidv7()` exists only from 18). */
export const newId = (): string => v7();

const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/;

export const isId = (text: string): boolean => UUID.test(text);
