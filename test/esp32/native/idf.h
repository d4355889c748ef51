// A stand-in for the few words of the ESP-IDF that hal/esp32/native/board.c uses.
#pragma once
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#define RTC_NOINIT_ATTR
#define ESP_OK 0
typedef int esp_err_t;
typedef struct dog *esp_task_wdt_user_handle_t;
typedef enum { ESP_RST_UNKNOWN, ESP_RST_POWERON, ESP_RST_SW, ESP_RST_PANIC, ESP_RST_INT_WDT, ESP_RST_TASK_WDT, ESP_RST_WDT, ESP_RST_BROWNOUT } esp_reset_reason_t;
esp_err_t esp_task_wdt_delete(void *task);
esp_err_t esp_task_wdt_add_user(const char *name, esp_task_wdt_user_handle_t *handle);
esp_err_t esp_task_wdt_reset_user(esp_task_wdt_user_handle_t handle);
esp_reset_reason_t esp_reset_reason(void);
void esp_restart(void);
uint32_t esp_random(void);
uint32_t esp_get_free_heap_size(void);
esp_err_t esp_efuse_mac_get_default(uint8_t *mac);
