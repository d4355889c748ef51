// Runs hal/esp32/native/board.c on a PC and prints what it does, a line for each call.
#include "../../../hal/esp32/native/board.c"

static esp_reset_reason_t gReason = ESP_RST_POWERON;
static int gRefuses = 1;

esp_err_t esp_task_wdt_delete(void *task) { printf("delete %d\n", task == NULL); return ESP_OK; }
esp_err_t esp_task_wdt_add_user(const char *name, esp_task_wdt_user_handle_t *handle)
{
	printf("add %s\n", name);
	if (gRefuses) return 1;
	*handle = (esp_task_wdt_user_handle_t)&gReason;
	return ESP_OK;
}
esp_err_t esp_task_wdt_reset_user(esp_task_wdt_user_handle_t handle) { printf("fed %d\n", handle != NULL); return ESP_OK; }
esp_reset_reason_t esp_reset_reason(void) { return gReason; }
void esp_restart(void) { printf("restart\n"); }
uint32_t esp_get_free_heap_size(void) { return 123456; }
uint32_t esp_random(void) { return 0xFFFFFFFFu; }
esp_err_t esp_efuse_mac_get_default(uint8_t *mac) { memcpy(mac, "\x24\x6f\x28\x00\xa1\xb2", 6); return ESP_OK; }

int main(void)
{
	// RAM after a power cut holds anything.
	memset(gWhy, 0xA5, sizeof gWhy);
	gMark = 0xA5A5A5A5u;
	printf("[%s]\n", ievcc_reset_words());
	ievcc_watchdog_leave();
	ievcc_watchdog_feed();
	ievcc_watchdog_join();
	ievcc_watchdog_feed();
	gRefuses = 0;
	ievcc_watchdog_join();
	ievcc_watchdog_join();
	ievcc_watchdog_feed();
	ievcc_restart("controller machine silent");
	printf("[%s]\n", ievcc_reset_words());
	printf("[%s]\n", ievcc_reset_words());
	char words[300];
	memset(words, 'x', sizeof words);
	memcpy(words + 94, "\xe2\x82\xac", 3);
	words[299] = 0;
	ievcc_restart(words);
	printf("%zu\n", strlen(ievcc_reset_words()));
	for (int reason = 0; reason <= ESP_RST_BROWNOUT; reason++) {
		gReason = reason;
		printf("%s ", ievcc_reset_reason());
	}
	uint8_t mac[6];
	ievcc_mac(mac);
	printf("%02x%02x %u %u\n", mac[0], mac[5], ievcc_random(), ievcc_free_memory());
	return 0;
}
