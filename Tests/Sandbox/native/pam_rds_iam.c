/*
 * pam_rds_iam: PAM authentication by Amazon RDS tokens, for PostgreSQL's "pam" method.
 *
 *   auth    required pam_rds_iam.so settings=/path/of/the/servers/settings
 *   account required pam_rds_iam.so
 *
 * Why a token is refused goes to standard error, which is the server's log; nothing of the token
 * does. The client only ever hears that the authentication failed, as on RDS.
 */
#include <ctype.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include <security/pam_appl.h>
#include <security/pam_modules.h>

#include "rds_token.h"
#include "rds_token_settings.h"

#define SETTINGS_ARGUMENT "settings="

/* One line in the server's log. A user's name may hold anything, a line feed included. */
static void
report(const char *user, const char *reason)
{
	char	   *line = NULL;
	size_t		length = 0;
	FILE	   *out = open_memstream(&line, &length);
	ssize_t		written = 0;

	if (out == NULL)
		return;
	fputs("pam_rds_iam: user \"", out);
	for (; *user; user++)
	{
		if (iscntrl((unsigned char) *user))
			fprintf(out, "\\x%02x", (unsigned char) *user);
		else
			fputc(*user, out);
	}
	fprintf(out, "\": %s\n", reason);
	if (fclose(out) == 0)
		written = write(STDERR_FILENO, line, length);
	(void) written;				/* there is nowhere to report that the log is full */
	free(line);
}

/*
 * Asks the application for the password. pam_get_authtok would do for short ones; asking the
 * conversation itself leaves no limit but the application's.
 */
static char *
ask_password(pam_handle_t *handle)
{
	const struct pam_message message = {PAM_PROMPT_ECHO_OFF, "Password: "};
	const struct pam_message *messages[] = {&message};
	struct pam_response *responses = NULL;
	const struct pam_conv *conversation = NULL;
	char	   *password;

	if (pam_get_item(handle, PAM_CONV, (const void **) &conversation) != PAM_SUCCESS ||
		conversation == NULL || conversation->conv == NULL ||
		conversation->conv(1, messages, &responses, conversation->appdata_ptr) != PAM_SUCCESS ||
		responses == NULL)
		return NULL;
	password = responses[0].resp;
	free(responses);
	return password;
}

static const char *
settings_path(int count, const char **arguments)
{
	for (int i = 0; i < count; i++)
		if (strncmp(arguments[i], SETTINGS_ARGUMENT, strlen(SETTINGS_ARGUMENT)) == 0)
			return arguments[i] + strlen(SETTINGS_ARGUMENT);
	return NULL;
}

int
pam_sm_authenticate(pam_handle_t *handle, int flags, int count, const char **arguments)
{
	struct rds_server server;
	const char *path = settings_path(count, arguments);
	const char *user = NULL;
	const char *refusal;
	char	   *password;

	(void) flags;
	if (pam_get_user(handle, &user, NULL) != PAM_SUCCESS || user == NULL)
		return PAM_USER_UNKNOWN;
	if (path == NULL || !rds_settings_read(&server, path))
	{
		report(user, path ? strerror(errno) : "no settings= argument in the PAM service file");
		if (path)
			rds_settings_free(&server);
		return PAM_AUTHINFO_UNAVAIL;
	}
	password = ask_password(handle);
	refusal = password
		? rds_token_refusal(&server, user, password, time(NULL))
		: "the client sent no password";
	if (refusal)
		report(user, refusal);
	if (password)
		explicit_bzero(password, strlen(password));
	free(password);
	rds_settings_free(&server);
	return refusal ? PAM_AUTH_ERR : PAM_SUCCESS;
}

int
pam_sm_setcred(pam_handle_t *handle, int flags, int count, const char **arguments)
{
	(void) handle, (void) flags, (void) count, (void) arguments;
	return PAM_SUCCESS;
}

int
pam_sm_acct_mgmt(pam_handle_t *handle, int flags, int count, const char **arguments)
{
	(void) handle, (void) flags, (void) count, (void) arguments;
	return PAM_SUCCESS;
}
