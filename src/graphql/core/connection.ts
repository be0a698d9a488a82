import type { Type } from '@nestjs/common';
import { ArgsType, Field, ID, Int, ObjectType } from '@nestjs/graphql';
import { DEFAULT_PAGE, LARGEST_PAGE, type PageArgs } from '../../paging';

@ArgsType()
export class ConnectionArgs implements PageArgs {
  @Field(() => Int, {
    nullable: true,
    description: `How many to return from the start (or after \`after\`): 1 to ${LARGEST_PAGE}, default ${DEFAULT_PAGE}.`,
  })
  first?: number | null;

  @Field(() => String, {
    nullable: true,
    description: 'Start after this cursor, from `pageInfo.endCursor` or an edge.',
  })
  after?: string | null;

  @Field(() => Int, {
    nullable: true,
    description: `How many to return from the end (or before \`before\`), instead of \`first\`: 1 to ${LARGEST_PAGE}.`,
  })
  last?: number | null;

  @Field(() => String, {
    nullable: true,
    description: 'End before this cursor, from `pageInfo.startCursor` or an edge.',
  })
  before?: string | null;
}

/** For lists that platform people read across all tenants. */
@ArgsType()
export class ScopedConnectionArgs extends ConnectionArgs {
  @Field(() => ID, {
    nullable: true,
    description: 'Only this tenant (its id). For platform tokens; a tenant’s own token always reads its own tenant.',
  })
  tenant?: string | null;
}

@ObjectType({ description: 'Where a page stands in its list.' })
export class PageInfo {
  @Field(() => Boolean, { description: 'Whether there is more after this page.' })
  hasNextPage!: boolean;

  @Field(() => Boolean, { description: 'Whether there is more before this page.' })
  hasPreviousPage!: boolean;

  @Field(() => String, { nullable: true, description: 'The first edge’s cursor; null for an empty page.' })
  startCursor!: string | null;

  @Field(() => String, { nullable: true, description: 'The last edge’s cursor; null for an empty page.' })
  endCursor!: string | null;
}

export interface Edge<Node> {
  readonly node: Node;
  readonly cursor: string;
}

/** What a list answers with; the count is not made unless it is asked for. */
export class Connection<Node> {
  readonly nodes: readonly Node[];
  readonly pageInfo: PageInfo;

  constructor(
    readonly edges: readonly Edge<Node>[],
    page: Pick<PageInfo, 'hasNextPage' | 'hasPreviousPage'>,
    private readonly count: () => Promise<number>,
  ) {
    this.nodes = edges.map(({ node }) => node);
    this.pageInfo = {
      hasNextPage: page.hasNextPage,
      hasPreviousPage: page.hasPreviousPage,
      startCursor: edges[0]?.cursor ?? null,
      endCursor: edges.at(-1)?.cursor ?? null,
    };
  }

  get totalCount(): Promise<number> {
    return this.count();
  }
}

/** The GraphQL types of a list of `node`: `FindingConnection`, `FindingEdge`. Its values are `Connection`s. */
export function connectionOf<Node>(
  node: abstract new (...args: never[]) => Node,
  name: string,
): Type<Connection<Node>> {
  const type = () => node as Type<unknown>;

  @ObjectType(`${name}Edge`, { description: `One of a list of ${name}, with its place in it.` })
  class NodeEdge {
    @Field(type, { description: 'The thing itself.' })
    node!: Node;

    @Field(() => String, { description: 'Its place in this list, filter and order; for `after` and `before`.' })
    cursor!: string;
  }

  @ObjectType(`${name}Connection`, { description: `A page of a list of ${name}.` })
  class NodeConnection {
    @Field(() => [NodeEdge], { description: 'The page, each with its cursor.' })
    edges!: NodeEdge[];

    @Field(() => [node as Type<unknown>], { description: 'The page, without cursors.' })
    nodes!: Node[];

    @Field(() => PageInfo, { description: 'Where this page stands.' })
    pageInfo!: PageInfo;

    @Field(() => Int, { description: 'How many the whole list has. Counted only when asked for.' })
    totalCount!: number;
  }

  return NodeConnection as unknown as Type<Connection<Node>>;
}
