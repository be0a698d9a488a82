import { Field, InputType } from '@nestjs/graphql';

@InputType({ description: 'As whom GitHub is asked.' })
export class GitHubCredentialInput {
  @Field(() => String, {
    description:
      'A fine-grained personal access token, or an installation’s token of a GitHub App. A secret, and never shown again.',
  })
  readonly token!: string;
}

@InputType({ description: 'GitHub Issues. docs/tickets/github.md has each field, from nothing to the first ticket.' })
export class GitHubInput {
  @Field(() => String, {
    nullable: true,
    description:
      'Where its API is; default: https://api.github.com. Of an Enterprise Server "https://github.example.com/api/v3".',
  })
  readonly api?: string | null;

  @Field(() => String, { description: 'The user or organization that has the repository.' })
  readonly owner!: string;

  @Field(() => String, { description: 'The repository, without its owner.' })
  readonly repository!: string;

  @Field(() => [String], { nullable: true, description: 'Labels of issues besides "mothball".' })
  readonly labels?: string[] | null;

  @Field(() => [String], { nullable: true, description: 'Whom issues are assigned to.' })
  readonly assignees?: string[] | null;

  @Field(() => GitHubCredentialInput, {
    nullable: true,
    description: 'As whom it is asked. Needed at first; later, left out, it stays.',
  })
  readonly credential?: GitHubCredentialInput | null;
}
