// Ethernet by the chip's own MAC, for a board on which the chip gives the PHY its clock. ESP-IDF 6 has taken that choice out
// of sdkconfig, and the SDK's own driver knows only clocks that come from outside.

#include <stdint.h>

#include "sdkconfig.h"

#if CONFIG_ETH_USE_ESP32_EMAC

#include "driver/gpio.h"
#include "esp_eth.h"
#include "esp_event.h"
#include "esp_netif.h"
#include "freertos/FreeRTOS.h"
#include "freertos/task.h"

static volatile int32_t gUp;
static esp_eth_handle_t gDriver;
static esp_netif_t *gNetif;

static void heard(void *context, esp_event_base_t base, int32_t event, void *data)
{
	(void)context;
	(void)data;
	if (base == IP_EVENT && event == IP_EVENT_ETH_GOT_IP) gUp = 1;
	else if (base == ETH_EVENT && (event == ETHERNET_EVENT_DISCONNECTED || event == ETHERNET_EVENT_STOP)) gUp = 0;
	else if (base == IP_EVENT && event == IP_EVENT_ETH_LOST_IP) gUp = 0;
}

// A PHY that does not answer leaves nothing behind: it is asked again later.
static esp_err_t install(int32_t address, int32_t mdc, int32_t mdio, int32_t clock)
{
	eth_mac_config_t macs = ETH_MAC_DEFAULT_CONFIG();
	eth_esp32_emac_config_t emac = ETH_ESP32_EMAC_DEFAULT_CONFIG();
	emac.smi_gpio.mdc_num = mdc;
	emac.smi_gpio.mdio_num = mdio;
	emac.clock_config.rmii.clock_mode = EMAC_CLK_OUT;
	emac.clock_config.rmii.clock_gpio = clock;
	eth_phy_config_t phys = ETH_PHY_DEFAULT_CONFIG();
	phys.phy_addr = address;
	phys.reset_gpio_num = -1;
	esp_eth_mac_t *mac = esp_eth_mac_new_esp32(&emac, &macs);
	esp_eth_phy_t *phy = esp_eth_phy_new_generic(&phys);
	esp_eth_config_t driver = ETH_DEFAULT_CONFIG(mac, phy);
	esp_err_t error = mac && phy ? esp_eth_driver_install(&driver, &gDriver) : ESP_ERR_NO_MEM;
	if (error == ESP_OK) return ESP_OK;
	gDriver = NULL;
	if (mac) mac->del(mac);
	if (phy) phy->del(phy);
	return error;
}

static esp_err_t attach(void)
{
	esp_netif_config_t netif = ESP_NETIF_DEFAULT_ETH();
	gNetif = esp_netif_new(&netif);
	if (!gNetif) return ESP_ERR_NO_MEM;
	esp_event_handler_register(ETH_EVENT, ESP_EVENT_ANY_ID, heard, NULL);
	esp_event_handler_register(IP_EVENT, ESP_EVENT_ANY_ID, heard, NULL);
	return esp_netif_attach(gNetif, esp_eth_new_netif_glue(gDriver));
}

// Each step is done once, however often it is asked.
static esp_err_t start(int32_t address, int32_t mdc, int32_t mdio, int32_t clock)
{
	esp_err_t error = esp_netif_init();
	if (error != ESP_OK) return error;
	error = esp_event_loop_create_default();
	if (error != ESP_OK && error != ESP_ERR_INVALID_STATE) return error;
	if (!gDriver) error = install(address, mdc, mdio, clock);
	else error = ESP_OK;
	if (error == ESP_OK && !gNetif) error = attach();
	return error == ESP_OK ? esp_eth_start(gDriver) : error;
}

// 0, or the ESP-IDF's number for what went wrong.
int32_t ievcc_ethernet_start(int32_t address, int32_t power, int32_t mdc, int32_t mdio, int32_t clock)
{
	gpio_set_direction(power, GPIO_MODE_OUTPUT);
	gpio_set_level(power, 0);
	vTaskDelay(pdMS_TO_TICKS(10));
	gpio_set_level(power, 1);
	vTaskDelay(pdMS_TO_TICKS(50));
	return start(address, mdc, mdio, clock);
}

int32_t ievcc_ethernet_up(void)
{
	return gUp;
}

#else

int32_t ievcc_ethernet_start(int32_t address, int32_t power, int32_t mdc, int32_t mdio, int32_t clock)
{
	(void)address, (void)power, (void)mdc, (void)mdio, (void)clock;
	return -1;
}

int32_t ievcc_ethernet_up(void)
{
	return 0;
}

#endif
