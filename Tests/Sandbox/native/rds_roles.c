/*
 * rds_roles: lets members of rds_superuser administer roles as Amazon RDS does.
 *
 * On RDS the master user is not a superuser, and yet CREATE ROLE, ALTER ROLE, DROP ROLE and the
 * GRANT and REVOKE of roles are carried out on its behalf by rdsadmin: no row for the creator
 * appears in pg_auth_members on PostgreSQL 16 and later, and grants read "GRANTED BY rdsadmin".
 * This module does the same for those statements and leaves every other one to PostgreSQL.
 *
 * Load it with shared_preload_libraries. Builds against PostgreSQL 15 to 18.
 */
#include "postgres.h"

#include "access/xact.h"
#include "catalog/pg_authid.h"
#include "commands/defrem.h"
#include "fmgr.h"
#include "miscadmin.h"
#include "nodes/parsenodes.h"
#include "tcop/utility.h"
#include "utils/acl.h"

PG_MODULE_MAGIC;

void		_PG_init(void);

static ProcessUtility_hook_type next_hook = NULL;

/* Roles that belong to the service: its users can neither alter, rename nor drop them. */
static const char *const service_roles[] = {
	"rdsadmin", "rdsrepladmin", "rdstopmgr",
	"rds_ad", "rds_iam", "rds_password", "rds_replication", "rds_superuser",
};

/* Roles whose membership reaches the server's files or its service account. */
static const char *const ungrantable_roles[] = {
	"rdsadmin", "rdsrepladmin", "rdstopmgr",
	"pg_execute_server_program", "pg_read_server_files", "pg_write_server_files",
};

static bool
listed(const char *const *names, size_t count, const char *name)
{
	for (size_t i = 0; i < count; i++)
		if (strcmp(names[i], name) == 0)
			return true;
	return false;
}

static void
refuse(const char *action, const char *role)
{
	ereport(ERROR,
			(errcode(ERRCODE_INSUFFICIENT_PRIVILEGE),
			 errmsg("must be superuser to %s role \"%s\"", action, role)));
}

/* A missing role is left to PostgreSQL, whose message is the right one. */
static bool
is_superuser_name(const char *role)
{
	Oid			oid = get_role_oid(role, true);

	return OidIsValid(oid) && superuser_arg(oid);
}

static void
refuse_unless_alterable(const char *action, const char *role)
{
	if (listed(service_roles, lengthof(service_roles), role) || is_superuser_name(role))
		refuse(action, role);
}

static void
refuse_unless_grantable(const char *role)
{
	if (listed(ungrantable_roles, lengthof(ungrantable_roles), role) || is_superuser_name(role))
		refuse("grant", role);
}

/*
 * Puts a name in the place of CURRENT_USER and the like, which would mean the bootstrap superuser
 * once the statement runs as that user. Returns the name, or NULL for PUBLIC.
 */
static char *
pin_role(RoleSpec *spec)
{
	switch (spec->roletype)
	{
		case ROLESPEC_CSTRING:
			break;
		case ROLESPEC_PUBLIC:
			return NULL;
		case ROLESPEC_SESSION_USER:
			spec->rolename = GetUserNameFromId(GetSessionUserId(), false);
			break;
		default:
			spec->rolename = GetUserNameFromId(GetUserId(), false);
			break;
	}
	spec->roletype = ROLESPEC_CSTRING;
	return spec->rolename;
}

/* Role attributes that only a superuser may touch, and the role lists inside the options. */
static void
check_options(List *options, const char *role)
{
	ListCell   *cell;

	foreach(cell, options)
	{
		DefElem    *option = lfirst_node(DefElem, cell);
		const char *name = option->defname;
		bool		joins = strcmp(name, "addroleto") == 0;

		if (strcmp(name, "superuser") == 0 || strcmp(name, "isreplication") == 0 ||
			strcmp(name, "bypassrls") == 0)
		{
			if (defGetBoolean(option))
				refuse("set SUPERUSER, REPLICATION or BYPASSRLS on", role);
		}
		else if (joins || strcmp(name, "rolemembers") == 0 || strcmp(name, "adminmembers") == 0)
		{
			ListCell   *member;

			foreach(member, (List *) option->arg)
			{
				char	   *other = pin_role(lfirst_node(RoleSpec, member));

				if (other && joins)
					refuse_unless_grantable(other);
				else if (other && is_superuser_name(other))
					refuse("alter", other);
			}
		}
	}
}

static void
check_alter(RoleSpec *spec, List *options)
{
	char	   *role = pin_role(spec);
	bool		group = options != NIL &&
		strcmp(linitial_node(DefElem, options)->defname, "rolemembers") == 0;

	if (role == NULL)
		return;
	if (group)
		refuse_unless_grantable(role);
	else
		refuse_unless_alterable("alter", role);
	check_options(options, role);
}

static void
check_grant(GrantRoleStmt *stmt)
{
	ListCell   *cell;

	foreach(cell, stmt->granted_roles)
	{
		AccessPriv *granted = lfirst_node(AccessPriv, cell);

		if (granted->priv_name)
			refuse_unless_grantable(granted->priv_name);
	}
	foreach(cell, stmt->grantee_roles)
	{
		char	   *name = pin_role(lfirst_node(RoleSpec, cell));

		if (name && is_superuser_name(name))
			refuse("alter", name);
	}
	if (stmt->grantor)
		pin_role(stmt->grantor);
}

/*
 * Tells whether the statement administers roles, and is therefore run as the bootstrap superuser.
 * Raises an error for what RDS keeps for itself. Changes the statement: pass a copy.
 */
static bool
administers_roles(Node *statement)
{
	switch (nodeTag(statement))
	{
		case T_CreateRoleStmt:
			check_options(((CreateRoleStmt *) statement)->options,
						  ((CreateRoleStmt *) statement)->role);
			return true;
		case T_AlterRoleStmt:
			check_alter(((AlterRoleStmt *) statement)->role,
						((AlterRoleStmt *) statement)->options);
			return true;
		case T_AlterRoleSetStmt:
			if (((AlterRoleSetStmt *) statement)->role == NULL)
				return false;	/* ALTER ROLE ALL */
			check_alter(((AlterRoleSetStmt *) statement)->role, NIL);
			return true;
		case T_DropRoleStmt:
			{
				ListCell   *cell;

				foreach(cell, ((DropRoleStmt *) statement)->roles)
				{
					RoleSpec   *spec = lfirst_node(RoleSpec, cell);

					/* Others (CURRENT_USER) are an error of PostgreSQL's own. */
					if (spec->roletype == ROLESPEC_CSTRING)
						refuse_unless_alterable("drop", spec->rolename);
				}
				return true;
			}
		case T_RenameStmt:
			if (((RenameStmt *) statement)->renameType != OBJECT_ROLE)
				return false;
			refuse_unless_alterable("rename", ((RenameStmt *) statement)->subname);
			return true;
		case T_GrantRoleStmt:
			check_grant((GrantRoleStmt *) statement);
			return true;
		default:
			return false;
	}
}

static bool
acts_for_rds_superuser(void)
{
	Oid			role;

	if (superuser())
		return false;
	role = get_role_oid("rds_superuser", true);
	return OidIsValid(role) && is_member_of_role(GetUserId(), role);
}

static void
run_next(PlannedStmt *plan, const char *query, bool read_only_tree, ProcessUtilityContext context,
		 ParamListInfo params, QueryEnvironment *environment, DestReceiver *receiver,
		 QueryCompletion *completion)
{
	(next_hook ? next_hook : standard_ProcessUtility) (plan, query, read_only_tree, context, params,
													   environment, receiver, completion);
}

static void
rds_roles_utility(PlannedStmt *plan, const char *query, bool read_only_tree,
				  ProcessUtilityContext context, ParamListInfo params,
				  QueryEnvironment *environment, DestReceiver *receiver,
				  QueryCompletion *completion)
{
	PlannedStmt *copy;
	Oid			user;
	int			security;

	switch (nodeTag(plan->utilityStmt))
	{
		case T_CreateRoleStmt:
		case T_AlterRoleStmt:
		case T_AlterRoleSetStmt:
		case T_DropRoleStmt:
		case T_RenameStmt:
		case T_GrantRoleStmt:
			/* In an aborted transaction there is no catalog to ask. */
			if (IsTransactionState() && acts_for_rds_superuser())
				break;
			/* FALLTHROUGH */
		default:
			run_next(plan, query, read_only_tree, context, params, environment, receiver,
					 completion);
			return;
	}

	copy = copyObject(plan);
	if (!administers_roles(copy->utilityStmt))
	{
		run_next(plan, query, read_only_tree, context, params, environment, receiver, completion);
		return;
	}

	GetUserIdAndSecContext(&user, &security);
	PG_TRY();
	{
		SetUserIdAndSecContext(BOOTSTRAP_SUPERUSERID, security);
		run_next(copy, query, false, context, params, environment, receiver, completion);
	}
	PG_FINALLY();
	{
		SetUserIdAndSecContext(user, security);
	}
	PG_END_TRY();
}

void
_PG_init(void)
{
	next_hook = ProcessUtility_hook;
	ProcessUtility_hook = rds_roles_utility;
}
