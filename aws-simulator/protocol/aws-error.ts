/** An error as AWS answers it: code, sentence and HTTP status. The protocol decides its shape on the wire. */
export class AwsError extends Error {
  constructor(
    readonly code: string,
    message: string,
    readonly status: number = 400,
  ) {
    super(message);
    this.name = 'AwsError';
  }

  get type(): 'Sender' | 'Receiver' {
    return this.status >= 500 ? 'Receiver' : 'Sender';
  }
}

export const validationError = (message: string): AwsError => new AwsError('ValidationError', message, 400);

/** AWS's wording of a constraint that a parameter breaks. */
export const constraintError = (value: string, parameter: string, constraint: string): AwsError =>
  validationError(
    `1 validation error detected: Value '${value}' at '${parameter.charAt(0).toLowerCase()}${parameter.slice(1)}' ` +
      `failed to satisfy constraint: ${constraint}`,
  );

export const noSuchEntity = (message: string): AwsError => new AwsError('NoSuchEntity', message, 404);
export const entityAlreadyExists = (message: string): AwsError => new AwsError('EntityAlreadyExists', message, 409);
export const deleteConflict = (message: string): AwsError => new AwsError('DeleteConflict', message, 409);
export const limitExceeded = (message: string): AwsError => new AwsError('LimitExceeded', message, 409);
export const invalidInput = (message: string): AwsError => new AwsError('InvalidInput', message, 400);
export const malformedPolicy = (message: string): AwsError => new AwsError('MalformedPolicyDocument', message, 400);
export const accessDenied = (message: string): AwsError => new AwsError('AccessDenied', message, 403);
