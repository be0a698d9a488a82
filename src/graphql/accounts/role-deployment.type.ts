import { Field, ObjectType } from '@nestjs/graphql';

@ObjectType({ description: 'A parameter of a CloudFormation template and its value.' })
export class TemplateParameter {
  @Field(() => String, { description: 'Its name.' })
  readonly key!: string;

  @Field(() => String, { description: 'Its value.' })
  readonly value!: string;
}

@ObjectType({ description: 'Everything to make Mothball’s roles with, in whichever way you make things.' })
export class RoleDeployment {
  @Field(() => String, { description: 'The CloudFormation template, as YAML.' })
  readonly template!: string;

  @Field(() => String, { description: 'How to use the Terraform module of Mothball’s repository.' })
  readonly terraform!: string;

  @Field(() => [String], {
    description: 'Commands of the AWS CLI, one after the other; `template` saved beside them under the name they give.',
  })
  readonly cliCommands!: readonly string[];

  @Field(() => String, {
    nullable: true,
    description:
      'Opens the AWS console with the stack filled in. Null where the operator keeps no copy of the template on S3.',
  })
  readonly quickCreateUrl!: string | null;

  @Field(() => [TemplateParameter], { description: 'Parameters that differ from the template’s defaults.' })
  readonly parameters!: readonly TemplateParameter[];
}
