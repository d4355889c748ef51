/* What XS asks of the machine it runs on. Time and chance come from the host program: nothing here depends on the day. */
#ifndef __IEVCC_XS_PLATFORM__
#define __IEVCC_XS_PLATFORM__

#include <ctype.h>
#include <errno.h>
#include <float.h>
#include <math.h>
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/time.h>
#include <time.h>
#include <unistd.h>

#undef mxLittleEndian
#define mxLittleEndian 1
#if defined(__APPLE__)
	#undef mxMacOSX
	#define mxMacOSX 1
#else
	#undef mxLinux
	#define mxLinux 1
#endif

#define mxExport extern
#define mxImport extern
#define XS_FUNCTION_NORETURN __attribute__((noreturn))
typedef int txSocket;
#define mxNoSocket -1
#define mxUseGCCAtomics 1
#define mxUsePOSIXThreads 1
#define mxUseDefaultBuildKeys 1
#define mxUseDefaultParseScript 1
#define mxUseDefaultSharedChunks 1
#define mxCESU8 1
#if INTPTR_MAX == INT64_MAX
	#define mx32bitID 1
#endif

/* Fields that each machine has for the host. */
#define mxMachinePlatform \
	txSocket connection; \
	int promiseJobs; \
	void* waiterCondition; \
	void* waiterData; \
	void* waiterLink;

extern int host_gettimeofday(struct timeval* time, void* zone);
extern int host_rand(void);
#define c_gettimeofday host_gettimeofday
#define c_rand host_rand
#define c_timeval struct timeval
#define c_time_t time_t
#define c_tm struct tm
#define c_time time
#define c_localtime localtime
#define c_gmtime gmtime
#define c_mktime mktime
#define c_strftime strftime

#endif
