/** Words that the generated organization is made of. */
export const PRODUCTS = [
  'payments', 'data-lake', 'checkout', 'catalog', 'search', 'identity', 'billing', 'shipping', 'warehouse', 'pricing',
  'loyalty', 'mobile-api', 'web', 'ml-training', 'analytics', 'notifications', 'fraud', 'returns', 'inventory', 'cms',
  'partner-api', 'support-desk', 'reporting', 'iot-fleet', 'video', 'maps', 'recommendations', 'ledger', 'invoicing',
  'onboarding', 'crm', 'observability', 'backup', 'ci-runners', 'artifact-store', 'dns', 'experiments',
] as const; // prettier-ignore

export const ENVIRONMENTS = [
  { name: 'prod', unit: 'Workloads/Prod' },
  { name: 'dev', unit: 'Workloads/Dev' },
  { name: 'staging', unit: 'Workloads/Staging' },
  { name: 'sandbox', unit: 'Sandbox' },
] as const;

export const TEAMS = [
  'payments',
  'data',
  'platform',
  'security',
  'retail',
  'mobile',
  'logistics',
  'finance-it',
] as const;

export const COST_CENTERS = ['CC-1001', 'CC-1040', 'CC-2200', 'CC-3117', 'CC-4005', 'CC-5550'] as const;

export const FIRST_NAMES = [
  'alice', 'amara', 'andrei', 'anna', 'arjun', 'bao', 'beatriz', 'bjorn', 'carlos', 'chen', 'chloe', 'daniel', 'deepa',
  'diego', 'elena', 'emeka', 'emma', 'erik', 'fatima', 'felix', 'giulia', 'hana', 'hassan', 'ines', 'ivan', 'jamal',
  'jana', 'joao', 'jonas', 'julia', 'kaori', 'karim', 'kofi', 'lars', 'leila', 'liam', 'lucia', 'maria', 'marek', 'mei',
  'mia', 'nadia', 'nikhil', 'noah', 'olga', 'oliver', 'omar', 'paula', 'pedro', 'priya', 'rafael', 'rosa', 'ruth',
  'samir', 'sara', 'sofia', 'sven', 'tariq', 'thandi', 'tomas', 'ursula', 'viktor', 'wei', 'yuki', 'zofia',
] as const; // prettier-ignore

export const LAST_NAMES = [
  'abebe', 'ahmed', 'almeida', 'andersson', 'bauer', 'becker', 'brown', 'castro', 'chowdhury', 'costa', 'diaz', 'dubois',
  'eriksen', 'fischer', 'garcia', 'gupta', 'haddad', 'hansen', 'hoang', 'ivanova', 'jansen', 'jones', 'kaplan', 'khan',
  'kim', 'kovacs', 'kowalski', 'kumar', 'larsen', 'lee', 'li', 'lopez', 'martin', 'mbeki', 'meyer', 'moreau', 'mueller',
  'nakamura', 'nguyen', 'novak', 'okafor', 'oneill', 'patel', 'pereira', 'petrov', 'popescu', 'rahman', 'rossi', 'sato',
  'schmidt', 'silva', 'singh', 'smith', 'sokolov', 'suzuki', 'tanaka', 'torres', 'vargas', 'weber', 'wilson', 'wong',
  'yilmaz', 'zhang',
] as const; // prettier-ignore

/** Users that are programs; the first few exist in most accounts. */
export const BOT_NAMES = [
  'jenkins', 'ci', 'terraform', 'deploy', 'backup-agent', 'github-actions', 'gitlab-runner', 'circleci', 'datadog-agent',
  'prometheus', 'grafana-reader', 's3-sync', 'log-shipper', 'packer', 'ansible', 'vault-root', 'mailer', 'etl-nightly',
  'report-exporter', 'wordpress-uploads', 'zabbix', 'cloudcheckr', 'route53-updater', 'cert-manager', 'velero',
] as const; // prettier-ignore

export const SERVICES_USED = [
  's3',
  'ec2',
  'dynamodb',
  'sqs',
  'lambda',
  'kms',
  'secretsmanager',
  'logs',
  'ecr',
  'sts',
  'iam',
] as const;

export const COMPONENTS = [
  'api', 'worker', 'ingest', 'exporter', 'scheduler', 'indexer', 'resizer', 'webhook', 'mailer', 'consumer', 'producer',
  'migrator', 'reconciler', 'gateway', 'stream', 'batch', 'cache-warmer', 'auth', 'thumbnailer', 'cleanup',
] as const; // prettier-ignore

const REGIONS = {
  aws: ['eu-west-1', 'us-east-1', 'eu-central-1', 'us-west-2', 'ap-southeast-2'],
  'aws-cn': ['cn-north-1', 'cn-northwest-1'],
  'aws-us-gov': ['us-gov-west-1', 'us-gov-east-1'],
} as const;

/** The regions that a partition's generated identities are used in. */
export const regionsOf = (partition: keyof typeof REGIONS): readonly string[] => REGIONS[partition];
