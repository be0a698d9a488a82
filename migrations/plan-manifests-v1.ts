/** What keeps proposed plans as they are. Part of the schema's history: never edit it once it is released. */
export const PLAN_MANIFESTS = `
  -- What was proposed is what people approve: from then on no part of the manifest changes, whoever asks.
  CREATE FUNCTION keep_proposed_plan() RETURNS trigger LANGUAGE plpgsql SET search_path = mothball, pg_temp
  AS $$
  DECLARE
    may_change text[] := ARRAY['state', 'reason', 'remedy', 'lapses_at', 'approved_at', 'state_changed_at', 'breaker_since'];
  BEGIN
    IF OLD.manifest_hash IS NOT NULL AND (TG_OP = 'DELETE' OR to_jsonb(NEW) - may_change <> to_jsonb(OLD) - may_change) THEN
      RAISE EXCEPTION 'plan % was proposed: its manifest does not change any more', OLD.id
        USING ERRCODE = 'object_not_in_prerequisite_state';
    END IF;
    IF TG_OP = 'DELETE' THEN RETURN OLD; END IF;
    RETURN NEW;
  END $$;
  CREATE TRIGGER plans_keep_proposed BEFORE UPDATE OR DELETE ON plans
    FOR EACH ROW EXECUTE FUNCTION keep_proposed_plan();

  CREATE FUNCTION keep_proposed_items() RETURNS trigger LANGUAGE plpgsql SET search_path = mothball, pg_temp
  AS $$
  DECLARE
    item plan_items%ROWTYPE;
    proposed text;
  BEGIN
    IF TG_OP = 'DELETE' THEN item := OLD; ELSE item := NEW; END IF;
    -- Waits for whoever is proposing the plan just now.
    SELECT p.manifest_hash INTO proposed FROM plans p WHERE p.tenant_id = item.tenant_id AND p.id = item.plan_id FOR KEY SHARE;
    IF proposed IS NOT NULL THEN
      RAISE EXCEPTION 'plan % was proposed: its manifest does not change any more', item.plan_id
        USING ERRCODE = 'object_not_in_prerequisite_state';
    END IF;
    RETURN item;
  END $$;
  CREATE TRIGGER plan_items_keep_proposed BEFORE INSERT OR DELETE ON plan_items
    FOR EACH ROW EXECUTE FUNCTION keep_proposed_items();

  CREATE FUNCTION keep_items_manifest() RETURNS trigger LANGUAGE plpgsql SET search_path = mothball, pg_temp
  AS $$
  BEGIN
    RAISE EXCEPTION 'item % of plan %: its part of the manifest does not change, and what was refused stays refused', OLD.id, OLD.plan_id
      USING ERRCODE = 'object_not_in_prerequisite_state';
  END $$;
  CREATE TRIGGER plan_items_keep_manifest
    BEFORE UPDATE OF id, plan_id, position, account_id, aws_account_id, partition, identity_id, course, principal_id,
      name, path, arn, access_key_id, finding_ids, check_ids, approved, references_found, continues_item_id, content_hash
    ON plan_items FOR EACH ROW
    WHEN ((OLD.id, OLD.plan_id, OLD.position, OLD.account_id, OLD.aws_account_id, OLD.partition, OLD.identity_id,
           OLD.course, OLD.principal_id, OLD.name, OLD.path, OLD.arn, OLD.access_key_id, OLD.finding_ids, OLD.check_ids,
           OLD.approved, OLD.references_found, OLD.continues_item_id, OLD.content_hash)
      IS DISTINCT FROM
          (NEW.id, NEW.plan_id, NEW.position, NEW.account_id, NEW.aws_account_id, NEW.partition, NEW.identity_id,
           NEW.course, NEW.principal_id, NEW.name, NEW.path, NEW.arn, NEW.access_key_id, NEW.finding_ids, NEW.check_ids,
           NEW.approved, NEW.references_found, NEW.continues_item_id, NEW.content_hash))
    EXECUTE FUNCTION keep_items_manifest();
  CREATE TRIGGER plan_items_stay_refused BEFORE UPDATE OF stage ON plan_items FOR EACH ROW
    WHEN (OLD.stage = 'refused' AND NEW.stage <> 'refused') EXECUTE FUNCTION keep_items_manifest();

  -- Drafts that nobody has proposed. For the platform only.
  CREATE FUNCTION prune_plan_drafts(days integer, at_most integer) RETURNS integer LANGUAGE plpgsql SECURITY DEFINER
    SET search_path = mothball, pg_temp
  AS $$
  DECLARE
    old uuid[];
  BEGIN
    PERFORM assert_platform();
    IF days < 1 THEN RAISE EXCEPTION 'nothing younger than a day is pruned' USING ERRCODE = 'invalid_parameter_value'; END IF;
    -- Each may take thousands of items along.
    SELECT array_agg(p.id) INTO old FROM (
      SELECT id FROM plans WHERE state = 'draft' AND created_at < now() - make_interval(days => days)
      ORDER BY created_at LIMIT ceil(at_most / 100.0)::integer FOR UPDATE SKIP LOCKED
    ) p;
    IF old IS NULL THEN RETURN 0; END IF;
    DELETE FROM plan_items i USING plans p WHERE p.id = ANY (old) AND i.tenant_id = p.tenant_id AND i.plan_id = p.id;
    DELETE FROM plans WHERE id = ANY (old);
    RETURN cardinality(old);
  END $$;
  REVOKE ALL ON FUNCTION prune_plan_drafts(integer, integer) FROM PUBLIC;
  GRANT EXECUTE ON FUNCTION prune_plan_drafts(integer, integer) TO mothball_app;

  -- Roles by which Mothball lists an organization or scans its management account: the platform's rows tell them, and only
  -- to the tenant that holds that account.
  CREATE FUNCTION roles_of_mothball() RETURNS TABLE (arn text) LANGUAGE sql STABLE SECURITY DEFINER
    SET search_path = mothball, pg_temp
  AS $$
    SELECT unnest(ARRAY[o.listing_role_arn, o.management_scan_role_arn]) FROM organizations o
    JOIN accounts a ON a.partition = o.partition AND a.aws_account_id = o.management_account_id
    WHERE a.tenant_id = (SELECT current_setting('mothball.tenant_id')::uuid)
  $$;
  REVOKE ALL ON FUNCTION roles_of_mothball() FROM PUBLIC;
  GRANT EXECUTE ON FUNCTION roles_of_mothball() TO mothball_app;
`;
