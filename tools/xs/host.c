/* XS as the ESP32 has it: one machine whose built-ins and preloaded modules are frozen and shared (what flash holds), and
   clones of it with a fixed chunk heap, slot heap, stack and key budget (what RAM holds). A parent process drives it by
   length-prefixed requests on fd 3 and reads the answers on fd 4; when the parent ends, so does this.

   A clone that aborts (memory, stack, keys, an unhandled rejection, a turn too long) is lost, as the device would restart;
   the others and the host go on. */

#include "xsAll.h"
#include "xsScript.h"

/* ---- bytes in and out -------------------------------------------------------------------------------------------- */

enum { READ_FD = 3, WRITE_FD = 4 };

typedef struct { uint8_t* at; size_t length, room; } Buffer;
static Buffer gIn, gOut;
static size_t gRead; /* where the decoder is in gIn */

static void fatal(const char* why) { fprintf(stderr, "xs host: %s\n", why); exit(2); }

static void reserve(Buffer* buffer, size_t more) {
	if (buffer->length + more <= buffer->room) return;
	buffer->room = (buffer->length + more) * 2;
	buffer->at = realloc(buffer->at, buffer->room);
	if (!buffer->at) fatal("out of memory");
}

static void put(const void* bytes, size_t length) {
	reserve(&gOut, length);
	memcpy(gOut.at + gOut.length, bytes, length);
	gOut.length += length;
}
static void putByte(uint8_t byte) { put(&byte, 1); }
static void putU32(uint32_t value) { put(&value, 4); }
static void putF64(double value) { put(&value, 8); }
static void putText(const char* text) { put(text, strlen(text)); }

static const void* take(size_t length) {
	if (gRead + length > gIn.length) fatal("a request ends too early");
	gRead += length;
	return gIn.at + gRead - length;
}
static uint8_t takeByte(void) { return *(const uint8_t*)take(1); }
static uint32_t takeU32(void) { uint32_t value; memcpy(&value, take(4), 4); return value; }
static double takeF64(void) { double value; memcpy(&value, take(8), 8); return value; }
static char* takeText(void) {
	char* text = (char*)gIn.at + gRead;
	const void* end = memchr(text, 0, gIn.length - gRead);
	if (!end) fatal("a text without an end");
	gRead += (const char*)end - text + 1;
	return text;
}

static int readAll(void* bytes, size_t length) {
	for (size_t got = 0; got < length;) {
		ssize_t count = read(READ_FD, (char*)bytes + got, length - got);
		if (count <= 0) return 0;
		got += (size_t)count;
	}
	return 1;
}

/* 0 when the parent has gone. */
static int nextRequest(void) {
	uint32_t length;
	if (!readAll(&length, 4)) return 0;
	gIn.length = 0;
	reserve(&gIn, (size_t)length + 1);
	gIn.length = length;
	gRead = 0;
	return readAll(gIn.at, length);
}

static void beginAnswer(char tag) { gOut.length = 0; putU32(0); putByte((uint8_t)tag); }

static void sendAnswer(void) {
	uint32_t length = (uint32_t)(gOut.length - 4);
	memcpy(gOut.at, &length, 4);
	for (size_t sent = 0; sent < gOut.length;) {
		ssize_t count = write(WRITE_FD, gOut.at + sent, gOut.length - sent);
		if (count <= 0) exit(0);
		sent += (size_t)count;
	}
}

static void refuse(const char* why) { beginAnswer('!'); putText(why); }

/* ---- what XS asks of its platform -------------------------------------------------------------------------------- */

static double gNowMs;
static uint32_t gChance = 1;

int host_gettimeofday(struct timeval* time, void* zone) {
	time->tv_sec = (time_t)(gNowMs / 1000);
	time->tv_usec = (suseconds_t)((gNowMs - (double)time->tv_sec * 1000) * 1000);
	return 0;
}
int host_rand(void) {
	gChance ^= gChance << 13;
	gChance ^= gChance >> 17;
	gChance ^= gChance << 5;
	return (int)(gChance & 0x7fffffff);
}

void fxCreateMachinePlatform(txMachine* the) {}
void fxDeleteMachinePlatform(txMachine* the) {}
void fxQueuePromiseJobs(txMachine* the) { the->promiseJobs = 1; }
void* fxAllocateChunks(txMachine* the, txSize size) { return malloc((size_t)size); }
void fxFreeChunks(txMachine* the, void* chunks) { free(chunks); }
txSlot* fxAllocateSlots(txMachine* the, txSize count) { return malloc((size_t)count * sizeof(txSlot)); }
void fxFreeSlots(txMachine* the, void* slots) { free(slots); }
#ifdef mxDebug
/* The engine keeps line numbers only when it is built for its debugger, which never comes. */
void fxConnect(txMachine* the) {}
void fxDisconnect(txMachine* the) {}
txBoolean fxIsConnected(txMachine* the) { return 0; }
txBoolean fxIsReadable(txMachine* the) { return 0; }
void fxReceive(txMachine* the) {}
void fxSend(txMachine* the, txBoolean more) {}
#endif

/* ---- machines ---------------------------------------------------------------------------------------------------- */

enum { MACHINES = 160 };
static txMachine* gRom;
static txMachine* gClones[MACHINES];
static jmp_buf gAborted;
static char gWhy[600];

/* The text of what was thrown, with its stack where it has one. */
static void describe(txMachine* the, char* text, size_t size) {
	mxPush(mxException);
	mxException = mxUndefined;
	mxTry(the) {
		if (the->stack->kind == XS_REFERENCE_KIND) {
			mxDub();
			fxGetID(the, mxID(_stack));
			if (the->stack->kind == XS_UNDEFINED_KIND) mxPop();
		}
		snprintf(text, size, "%s", fxToString(the, the->stack));
	}
	mxCatch(the) snprintf(text, size, "something that has no text");
}

void fxAbort(txMachine* the, int status) {
	static const char* const reasons[] = { "stopped by a debugger", "memory full", "stack overflow", "fatal check", "dead strip",
		"unhandled exception", "no more keys", "turn too long", "unhandled rejection" };
	const char* reason = status >= 0 && status < (int)(sizeof reasons / sizeof *reasons) ? reasons[status] : "abort";
	int length = snprintf(gWhy, sizeof gWhy, "%s", reason);
	if (status == XS_UNHANDLED_EXCEPTION_EXIT || status == XS_UNHANDLED_REJECTION_EXIT) {
		length += snprintf(gWhy + length, sizeof gWhy - (size_t)length, ": ");
		describe(the, gWhy + length, sizeof gWhy - (size_t)length);
	}
	else snprintf(gWhy + length, sizeof gWhy - (size_t)length, ": %d of %d slots, %d of %d bytes of chunks, %d of %d keys",
		(int)the->currentHeapCount, (int)the->maximumHeapCount, (int)the->currentChunksSize, (int)the->maximumChunksSize,
		(int)(the->keyIndex - the->keyOffset), (int)(the->keyCount - the->keyOffset));
	if (the == gRom) fatal(gWhy);
	longjmp(gAborted, 1);
}

static txBoolean turnTooLong(txMachine* the, txU4 index) { return 0; }

static void drain(txMachine* the) {
	do {
		while (the->promiseJobs) {
			the->promiseJobs = 0;
			fxRunPromiseJobs(the);
		}
		fxEndJob(the);
	} while (the->promiseJobs);
	fxCheckUnhandledRejections(the, 1);
}

/* ---- scripts and modules ----------------------------------------------------------------------------------------- */

typedef struct Source { struct Source* next; char* path; char* text; size_t length; } Source;
static Source* gSources;
static int gKeepsLines;

static Source* sourceAt(const char* path) {
	Source* source = gSources;
	while (source && strcmp(source->path, path)) source = source->next;
	return source;
}

/* NULL with a syntax error; its text goes to stderr, where the parser writes it. */
static txScript* compile(txMachine* the, Source* source, txUnsigned flags) {
	txParser parsing, *parser = &parsing;
	txParserJump jump;
	txScript* script = NULL;
	txStringCStream stream = { source->text, 0, (txSize)source->length };
	fxInitializeParser(parser, the, 1 << 20, 1993);
	parser->firstJump = &jump;
	if (setjmp(jump.jmp_buf) == 0) {
		parser->path = fxNewParserSymbol(parser, source->path);
		if (gKeepsLines) flags |= mxDebugFlag;
		fxParserTree(parser, &stream, fxStringCGetter, flags, NULL);
		fxParserHoist(parser);
		fxParserBind(parser);
		script = fxParserCode(parser);
	}
	fxTerminateParser(parser);
	return script;
}

/* Where the next instruction begins: a function's own begin right behind the instruction that makes it. */
static txByte* afterCode(txByte* at) {
	txS1 size = gxCodeSizes[*(txU1*)at];
	txU2 two;
	txS4 four;
	switch (size) {
		case 0: return at + 1 + sizeof(txID);
		case -1: return at + 2 + *(txU1*)(at + 1);
		case -2: memcpy(&two, at + 1, 2); return at + 3 + two;
		case -4: memcpy(&four, at + 1, 4); return at + 5 + four;
		default: return at + size;
	}
}

/* Bytes that flash keeps of a module once it has been preloaded: of its functions, and of the strings of its tables. What only
   runs as it is loaded stays with whoever builds the image. */
static void keptOf(txScript* script, uint32_t* functions, uint32_t* strings) {
	txByte* end = script->codeBuffer + script->codeSize;
	int inModule = 0;
	*functions = *strings = 0;
	for (txByte* at = script->codeBuffer; at < end;) {
		txU1 op = *(txU1*)at;
		txByte* next = afterCode(at);
		txU2 two;
		txS4 length = 0;
		if (op == XS_CODE_CODE_1) length = *(txU1*)(at + 1);
		if (op == XS_CODE_CODE_2) { memcpy(&two, at + 1, 2); length = two; }
		if (op == XS_CODE_CODE_4) memcpy(&length, at + 1, 4);
		if (length && inModule) { *functions += length; next += length; }
		else if (length) inModule = 1;
		else if (gxCodeSizes[op] < 0) *strings += next - at;
		at = next;
	}
}

/* Byte code as flash holds it: names already are keys, functions and strings are used where they lie. */
extern void fxRemapIDs(txMachine* the, txByte* code, txSize size, txID* ids);
static void inPlace(txMachine* the, txScript* script) {
	txByte* symbols = script->symbolsBuffer;
	txID count;
	mxDecodeID(symbols, count);
	txID* ids = malloc(count * sizeof(txID));
	ids[0] = XS_NO_ID;
	for (txID i = 1; i < count; i++, symbols += strlen((char*)symbols) + 1) ids[i] = fxNewNameC(the, (txString)symbols);
	fxRemapIDs(the, script->codeBuffer, script->codeSize, ids);
	free(ids);
	script->symbolsBuffer = NULL;
	script->symbolsSize = 0;
	txByte* end = script->codeBuffer + script->codeSize;
	for (txByte* at = script->codeBuffer; at < end;) {
		txU1 op = *(txU1*)at;
		if (op == XS_CODE_CODE_1 || op == XS_CODE_CODE_2 || op == XS_CODE_CODE_4) *at += XS_CODE_CODE_ARCHIVE_1 - XS_CODE_CODE_1;
		if (op == XS_CODE_STRING_1 || op == XS_CODE_STRING_2 || op == XS_CODE_STRING_4) *at += XS_CODE_STRING_ARCHIVE_1 - XS_CODE_STRING_1;
		// By the size of the instruction as it was: those that lie in place are as long.
		at = afterCode(at);
	}
}

txID fxFindModule(txMachine* the, txSlot* realm, txID from, txSlot* slot) {
	char name[512], path[1024] = "";
	fxToStringBuffer(the, slot, name, sizeof name);
	char* rest = name;
	if (name[0] == '.' && from != XS_NO_ID) {
		snprintf(path, sizeof path - sizeof name, "%s", fxGetKeyName(the, from));
		char* slash = strrchr(path, '/');
		if (slash) slash[1] = 0; else path[0] = 0;
		while (rest[0] == '.') {
			if (rest[1] == '/') { rest += 2; continue; }
			if (strncmp(rest, "../", 3)) break;
			rest += 3;
			size_t length = strlen(path);
			if (length) path[length - 1] = 0;
			slash = strrchr(path, '/');
			if (slash) slash[1] = 0; else path[0] = 0;
		}
	}
	strncat(path, rest, sizeof path - strlen(path) - 1);
	return fxNewNameC(the, path);
}

void fxLoadModule(txMachine* the, txSlot* module, txID moduleID) {
	Source* source = sourceAt(fxGetKeyName(the, moduleID));
	txScript* script = source ? compile(the, source, 0) : NULL;
	if (!script) return;
	inPlace(the, script);
	fxResolveModule(the, module, moduleID, script, NULL, NULL);
}

/* ---- freezing, as the SDK's linker does it for flash ------------------------------------------------------------- */

static void freezeInstance(txSlot* instance) {
	for (txSlot* property = instance->next; property; property = property->next) {
		if (property->kind != XS_ACCESSOR_KIND) property->flag |= XS_DONT_SET_FLAG;
		property->flag |= XS_DONT_DELETE_FLAG;
	}
	instance->flag |= XS_DONT_PATCH_FLAG;
}

static int isFunction(txSlot* instance) {
	txSlot* first = instance->next;
	return first && (first->flag & XS_INTERNAL_FLAG) && (first->kind == XS_CODE_KIND || first->kind == XS_CODE_X_KIND ||
		first->kind == XS_CALLBACK_KIND || first->kind == XS_CALLBACK_X_KIND);
}

/* Functions with their prototypes, scopes, and what cannot be aliased; plain objects stay as the modules left them. */
static void freezeOwn(txMachine* the, txSlot* instance) {
	txSlot* first = instance->next;
	if (instance->flag & XS_DONT_PATCH_FLAG) /* already frozen by its module: its inner properties too */
		for (txSlot* inner = first; inner && (inner->flag & XS_INTERNAL_FLAG); inner = inner->next) inner->flag |= XS_DONT_SET_FLAG | XS_DONT_DELETE_FLAG;
	if (!first || !(first->flag & XS_INTERNAL_FLAG)) return;
	if (isFunction(instance)) {
		freezeInstance(instance);
		for (txSlot* property = first->next; property && (instance->flag & XS_CAN_CONSTRUCT_FLAG); property = property->next)
			if (property->ID == mxID(_prototype) && property->kind == XS_REFERENCE_KIND) freezeInstance(property->value.reference);
		return;
	}
	if (first->ID == XS_ENVIRONMENT_BEHAVIOR) { freezeInstance(instance); return; }
	switch (first->kind) {
		case XS_MAP_KIND: case XS_SET_KIND: case XS_WEAK_MAP_KIND: case XS_WEAK_SET_KIND: case XS_WEAK_REF_KIND:
		case XS_ARRAY_BUFFER_KIND: case XS_DATA_VIEW_KIND: case XS_TYPED_ARRAY_KIND: case XS_REGEXP_KIND: case XS_PROXY_KIND:
			freezeInstance(instance);
	}
}

/* A clone's collector neither marks nor moves what is of an X kind. */
static void seal(txMachine* the, txSlot* slot) {
	switch (slot->kind) {
		case XS_STRING_KIND: slot->kind = XS_STRING_X_KIND; break;
		case XS_KEY_KIND: slot->kind = XS_KEY_X_KIND; break;
		case XS_CODE_KIND: slot->kind = XS_CODE_X_KIND; break;
		case XS_BIGINT_KIND: slot->kind = XS_BIGINT_X_KIND; break;
		case XS_ARRAY_KIND: {
			txIndex count = fxGetIndexSize(the, slot);
			for (txIndex i = 0; i < count; i++) seal(the, slot->value.array.address + i);
		}
	}
}

static void makeRom(txMachine* the) {
	for (txSlot* heap = the->firstHeap; heap; heap = heap->next)
		for (txSlot* slot = heap + 1; slot < heap->value.reference; slot++) {
			if (slot->kind == XS_INSTANCE_KIND) freezeOwn(the, slot);
			if (slot->kind == XS_CLOSURE_KIND && slot->value.closure->kind == XS_REFERENCE_KIND && isFunction(slot->value.closure->value.reference))
				slot->value.closure->flag |= XS_DONT_SET_FLAG;
		}
	fxShareMachine(the); /* collects: only after it may chunks be hidden from a collector */
	for (txSlot* heap = the->firstHeap; heap; heap = heap->next)
		for (txSlot* slot = heap + 1; slot < heap->value.reference; slot++) seal(the, slot);
	for (txSlot* slot = the->stack; slot < the->stackTop; slot++) seal(the, slot);
}

/* ---- values across the pipe: undefined, null, booleans, numbers, strings, bytes, arrays, plain objects ------------ */

enum { UNDEFINED, NOTHING, FALSE_, TRUE_, INTEGER, NUMBER, STRING, BYTES, ARRAY, OBJECT };

static void decode(txMachine* the) { /* pushes it */
	uint8_t tag = takeByte();
	switch (tag) {
		case UNDEFINED: mxPushUndefined(); return;
		case NOTHING: mxPushNull(); return;
		case FALSE_: case TRUE_: mxPushBoolean(tag == TRUE_); return;
		case INTEGER: mxPushInteger((txInteger)takeU32()); return;
		case NUMBER: mxPushNumber(takeF64()); return;
		case STRING: mxPushUndefined(); fxString(the, the->stack, takeText()); return;
		case BYTES: {
			uint32_t length = takeU32();
			mxPush(mxGlobal);
			fxGetID(the, fxFindName(the, "Uint8Array"));
			mxNew();
			mxPushUndefined();
			fxArrayBuffer(the, the->stack, (void*)take(length), (txInteger)length, (txInteger)length);
			mxRunCount(1);
			return;
		}
		case ARRAY: {
			uint32_t count = takeU32();
			mxPush(mxArrayPrototype);
			txSlot* instance = fxNewArrayInstance(the);
			txSlot* last = instance->next;
			for (uint32_t i = 0; i < count; i++) {
				decode(the);
				last = fxNextSlotProperty(the, last, the->stack, XS_NO_ID, XS_NO_FLAG);
				mxPop();
			}
			instance->next->value.array.length = count;
			fxCacheArray(the, instance);
			return;
		}
		case OBJECT: {
			uint32_t count = takeU32();
			mxPush(mxObjectPrototype);
			txSlot* last = fxLastProperty(the, fxNewObjectInstance(the));
			for (uint32_t i = 0; i < count; i++) {
				txID id = fxNewNameC(the, takeText());
				decode(the);
				last = fxNextSlotProperty(the, last, the->stack, id, XS_NO_FLAG);
				mxPop();
			}
			return;
		}
		default: fatal("an unknown kind of value");
	}
}

static void encode(txMachine* the, txSlot* slot);

static void encodeInstance(txMachine* the, txSlot* instance) {
	if (instance->ID != XS_NO_ID && the->aliasArray && the->aliasArray[instance->ID]) instance = the->aliasArray[instance->ID];
	txSlot* first = instance->next;
	if (first && first->kind == XS_ARRAY_KIND) {
		txIndex count = first->value.array.length;
		putByte(ARRAY);
		putU32(count);
		for (txIndex i = 0; i < count; i++) encode(the, first->value.array.address + i);
		return;
	}
	if (first && first->kind == XS_TYPED_ARRAY_KIND) {
		txSlot* view = first->next;
		txSlot* bytes = view->next->value.reference->next;
		putByte(BYTES);
		putU32((uint32_t)view->value.dataView.size);
		put(bytes->value.arrayBuffer.address + view->value.dataView.offset, (size_t)view->value.dataView.size);
		return;
	}
	putByte(OBJECT);
	size_t at = gOut.length;
	uint32_t count = 0;
	putU32(0);
	for (txSlot* property = first; property; property = property->next) {
		if (property->flag & (XS_INTERNAL_FLAG | XS_DONT_ENUM_FLAG)) continue;
		txString name = fxGetKeyName(the, property->ID);
		put(name, strlen(name) + 1);
		encode(the, property);
		count++;
	}
	memcpy(gOut.at + at, &count, 4);
}

static void encode(txMachine* the, txSlot* slot) {
	switch (slot->kind) {
		case XS_UNDEFINED_KIND: putByte(UNDEFINED); return;
		case XS_NULL_KIND: putByte(NOTHING); return;
		case XS_BOOLEAN_KIND: putByte(slot->value.boolean ? TRUE_ : FALSE_); return;
		case XS_INTEGER_KIND: putByte(INTEGER); putU32((uint32_t)slot->value.integer); return;
		case XS_NUMBER_KIND: putByte(NUMBER); putF64(slot->value.number); return;
		case XS_STRING_KIND: case XS_STRING_X_KIND:
			putByte(STRING);
			put(slot->value.string, strlen(slot->value.string) + 1);
			return;
		case XS_REFERENCE_KIND:
			if (!mxIsFunction(slot->value.reference)) { encodeInstance(the, slot->value.reference); return; }
	}
	mxTypeError("a value that cannot cross");
}

/* ---- requests ---------------------------------------------------------------------------------------------------- */

static txMachine* machineAt(uint32_t index) { return index < MACHINES ? gClones[index] : NULL; }

static void importModule(txMachine* the, const char* path) { /* pushes its namespace */
	mxPushStringC((txString)path);
	fxAwaitImport(the, 0);
}

static void preload(char* path) {
	txMachine* the = gRom;
	char why[600] = "";
	fxBeginHost(the);
	mxTry(the) { importModule(the, path); mxPop(); drain(the); }
	mxCatch(the) describe(the, why, sizeof why);
	fxCollectGarbage(the);
	fxEndHost(the);
	if (why[0]) refuse(why); else beginAnswer('.');
}

/* Sizes of what a module becomes. */
static void measure(char* path) {
	Source* source = sourceAt(path);
	txMachine* the = gRom;
	txScript* script = NULL;
	fxBeginHost(the);
	if (source) script = compile(the, source, 0);
	fxEndHost(the);
	if (!script) { refuse("it does not compile"); return; }
	uint32_t functions, strings;
	keptOf(script, &functions, &strings);
	beginAnswer('.');
	putU32(functions);
	putU32(strings);
	fxDeleteScript(script);
}

static void openClone(uint32_t index) {
	uint32_t chunk = takeU32(), slots = takeU32(), stack = takeU32(), keys = takeU32();
	if (index >= MACHINES || gClones[index]) { refuse("no such place for a machine"); return; }
	if (!gRom->shared) makeRom(gRom);
	txCreation creation = { (txSize)chunk, 0, (txSize)slots, 0, (txSize)stack, (txSize)keys, 0, 1993, 127, 1 << 16, 1993, 0 };
	if (setjmp(gAborted)) { beginAnswer('X'); putText(gWhy); return; }
	txMachine* the = fxCloneMachine(&creation, gRom, "clone", NULL);
	if (!the) { beginAnswer('X'); putText("memory full: it does not even start"); return; }
	fxBeginMetering(the, turnTooLong, 0x7fffffff);
	gClones[index] = the;
	beginAnswer('.');
}

/* A dead machine is left as it lies: nothing of it can be trusted enough to take it down in order. */
static void lost(uint32_t index) { gClones[index] = NULL; beginAnswer('X'); putText(gWhy); }

/* Calls `function` of the module at `path` with the decoded arguments; answers computrons and the encoded result. */
static void call(uint32_t index) {
	txMachine* the = machineAt(index);
	gNowMs = takeF64();
	uint32_t limit = takeU32();
	char *path = takeText(), *function = takeText();
	uint32_t count = takeU32();
	if (!the) { refuse("no such machine"); return; }
	if (setjmp(gAborted)) { lost(index); return; }
	char why[600] = "";
	fxBeginHost(the);
	the->meterIndex = 0;
	the->meterCount = limit;
	mxTry(the) {
		importModule(the, path);
		mxDub();
		fxGetID(the, fxFindName(the, function));
		mxCall();
		for (uint32_t i = 0; i < count; i++) decode(the);
		mxRunCount(count);
		drain(the);
		beginAnswer('.');
		putU32(the->meterIndex);
		encode(the, the->stack);
		mxPop();
	}
	mxCatch(the) describe(the, why, sizeof why);
	fxEndHost(the);
	if (why[0]) refuse(why);
}

static void memory(uint32_t index) {
	txMachine* the = machineAt(index);
	if (!the) { refuse("no such machine"); return; }
	struct timespec before, after;
	fxBeginHost(the);
	clock_gettime(CLOCK_MONOTONIC, &before);
	fxCollectGarbage(the);
	clock_gettime(CLOCK_MONOTONIC, &after);
	fxEndHost(the);
	beginAnswer('.');
	putU32((uint32_t)the->currentHeapCount);
	putU32((uint32_t)the->peakHeapCount);
	putU32((uint32_t)the->currentChunksSize);
	putU32((uint32_t)the->peakChunksSize);
	putU32((uint32_t)(the->stackTop - the->stackPeak));
	putU32((uint32_t)(the->keyIndex - the->keyOffset));
	putU32((uint32_t)the->aliasCount);
	putU32((uint32_t)the->garbageCollectionCount);
	putF64((double)(after.tv_sec - before.tv_sec) * 1e6 + (double)(after.tv_nsec - before.tv_nsec) / 1e3);
}

static void closeClone(uint32_t index) {
	if (machineAt(index)) fxDeleteMachine(gClones[index]);
	if (index < MACHINES) gClones[index] = NULL;
	beginAnswer('.');
}

static void addSource(void) {
	Source* source = malloc(sizeof *source);
	source->path = strdup(takeText());
	source->length = gIn.length - gRead;
	source->text = malloc(source->length + 1);
	memcpy(source->text, take(source->length), source->length);
	source->text[source->length] = 0;
	source->next = gSources;
	gSources = source;
	beginAnswer('.');
}

static void printTo(txMachine* the) {
	for (txInteger i = 0; i < mxArgc; i++) fprintf(stderr, i ? " %s" : "%s", fxToString(the, mxArgv(i)));
	fputc('\n', stderr);
}

static void startRom(void) {
	txCreation creation = { 1 << 20, 1 << 18, 1 << 15, 1 << 13, 4096, 20000, 8000, 1993, 127, 1 << 20, 1993, 0 };
	fxInitializeSharedCluster();
	gRom = fxCreateMachine(&creation, "rom", NULL, XS_NO_ID);
	if (!gRom) fatal("no machine");
	txMachine* the = gRom;
	fxBeginHost(the);
	fxNewHostFunction(the, printTo, 1, XS_NO_ID, XS_NO_ID);
	mxPush(mxGlobal);
	fxDefineID(the, fxNewNameC(the, "print"), XS_DONT_ENUM_FLAG, XS_GET_ONLY);
	mxPop();
	fxEndHost(the);
}

int main(int argc, char* argv[]) {
	if (argc > 1 && !strcmp(argv[1], "--version")) {
		printf("XS %d.%d.%d, slots of %zu bytes\n", XS_MAJOR_VERSION, XS_MINOR_VERSION, XS_PATCH_VERSION, sizeof(txSlot));
		return 0;
	}
#ifdef mxDebug
	gKeepsLines = 1;
#endif
	startRom();
	while (nextRequest()) {
		switch (takeByte()) {
			case 'S': addSource(); break;
			case 'P': preload(takeText()); break;
			case 'B': measure(takeText()); break;
			case 'O': openClone(takeU32()); break;
			case 'C': call(takeU32()); break;
			case 'M': memory(takeU32()); break;
			case 'Q': closeClone(takeU32()); break;
			default: fatal("an unknown request");
		}
		sendAnswer();
	}
	return 0;
}
