// What the chip has and the SDK does not show to JavaScript: the watchdog, why it restarted, noise, its address.
// Plain functions for XS FFI (manifest.json, "ffi"); test/esp32/native builds them on a PC.

#include <stdint.h>
#include <string.h>

#include "esp_attr.h"
#include "esp_mac.h"
#include "esp_random.h"
#include "esp_system.h"
#include "esp_task_wdt.h"

#define WORDS 96
#define WRITTEN 0x1EC0FFEEu

// Survives a restart, not a power cut; the mark says whether somebody wrote it.
static RTC_NOINIT_ATTR uint32_t gMark;
static RTC_NOINIT_ATTR char gWhy[WORDS];

static esp_task_wdt_user_handle_t gDog;

// The SDK's own loops feed the watchdog for their tasks, whatever JavaScript does: neither counts here.
void ievcc_watchdog_leave(void)
{
	esp_task_wdt_delete(NULL);
}

// From here on only ievcc_watchdog_feed keeps the device alive. Twice is once.
void ievcc_watchdog_join(void)
{
	if (!gDog && esp_task_wdt_add_user("evse", &gDog) != ESP_OK) gDog = NULL;
}

void ievcc_watchdog_feed(void)
{
	if (gDog) esp_task_wdt_reset_user(gDog);
}

const char *ievcc_reset_reason(void)
{
	switch (esp_reset_reason()) {
		case ESP_RST_POWERON: return "power";
		case ESP_RST_SW: return "restart";
		case ESP_RST_PANIC: return "panic";
		case ESP_RST_INT_WDT:
		case ESP_RST_TASK_WDT:
		case ESP_RST_WDT: return "watchdog";
		case ESP_RST_BROWNOUT: return "brownout";
		default: return "other";
	}
}

// What ievcc_restart was told before this boot; empty when it was not asked.
const char *ievcc_reset_words(void)
{
	static char words[WORDS];
	words[0] = 0;
	if (gMark == WRITTEN) {
		memcpy(words, gWhy, WORDS);
		words[WORDS - 1] = 0;
	}
	gMark = 0;
	return words;
}

void ievcc_restart(char *why)
{
	size_t length = strlen(why);
	if (length >= WORDS) {
		length = WORDS - 1;
		// Not in the middle of a letter of several bytes.
		while (length > 0 && ((uint8_t)why[length] & 0xC0) == 0x80) length--;
	}
	memcpy(gWhy, why, length);
	gWhy[length] = 0;
	gMark = WRITTEN;
	esp_restart();
}

uint32_t ievcc_free_memory(void)
{
	return esp_get_free_heap_size();
}

uint32_t ievcc_random(void)
{
	return esp_random();
}

void ievcc_mac(uint8_t *mac)
{
	esp_efuse_mac_get_default(mac);
}
