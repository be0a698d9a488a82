import { EndpointPreparation } from './endpoint-preparation.service';
import { EndpointQueries } from './endpoint-queries';
import { EndpointRecords } from './endpoint-records.service';
import { EndpointSecrets } from './endpoint-secrets.service';
import { Endpoints } from './endpoints.service';

/** What others may use. */
export const endpointServices = [EndpointPreparation, EndpointQueries, EndpointRecords, Endpoints, EndpointSecrets];
