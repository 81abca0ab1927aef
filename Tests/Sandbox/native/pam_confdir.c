/*
 * pam_confdir: lets one process read its PAM services from a folder of its own.
 *
 * Preloaded (LD_PRELOAD) into a server, it takes the place of pam_start, which reads /etc/pam.d, and
 * calls pam_start_confdir (Linux-PAM 1.4 and later) with the folder named by the environment. So a
 * sandbox needs no root and leaves nothing behind in /etc.
 */
#include <stdlib.h>

#include <security/pam_appl.h>

#define FOLDER_VARIABLE "DBAUTH_SANDBOX_PAM_FOLDER"

int
pam_start(const char *service, const char *user, const struct pam_conv *conversation,
		  pam_handle_t **handle)
{
	/* NULL means /etc/pam.d. */
	return pam_start_confdir(service, user, conversation, getenv(FOLDER_VARIABLE), handle);
}
