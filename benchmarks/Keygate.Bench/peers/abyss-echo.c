/* Peer of xmlrpc-echo: xmlrpc-c's Abyss server. gcc -O2 abyss-echo.c $(xmlrpc-c-config abyss-server --cflags --libs) */
#include <stdio.h>
#include <stdlib.h>
#include <xmlrpc-c/base.h>
#include <xmlrpc-c/server.h>
#include <xmlrpc-c/server_abyss.h>

static xmlrpc_value *create_key(xmlrpc_env *env, xmlrpc_value *params, void *info, void *context)
{
    char *login, *password, *client, *key_type, *billing;
    xmlrpc_value *ips, *macs, *plans;

    xmlrpc_decompose_value(env, params, "({s:s,s:s,*}{s:A,s:A,*}ssAs)", "login", &login, "password", &password,
                           "ips", &ips, "macs", &macs, &client, &key_type, &plans, &billing);
    if (env->fault_occurred)
        return NULL;
    xmlrpc_DECREF(ips);
    xmlrpc_DECREF(macs);
    xmlrpc_DECREF(plans);
    free(login);
    free(password);
    free(client);
    free(key_type);
    free(billing);
    return xmlrpc_build_value(env, "{s:i,s:s,s:s,s:8,s:8,s:s,s:()}", "resultCode", 100,
                              "resultDesc", "PLSK.00041207.0000 created.", "mainKeyNumber", "PLSK.00041207.0000",
                              "expirationDate", "20260418T00:00:00", "updateDate", "20260408T00:00:00",
                              "productKey", "K7T0Q2-ZP41M9-00RXV3-L8C5HD-3W6YFA", "additionalKeysNumbers");
}

int main(int argc, char **argv)
{
    xmlrpc_env env;
    xmlrpc_registry *registry;
    struct xmlrpc_method_info3 method = {.methodName = "partner10.createKey", .methodFunction = &create_key};

    if (argc < 2)
        return 2;
    xmlrpc_env_init(&env);
    registry = xmlrpc_registry_new(&env);
    xmlrpc_registry_add_method3(&env, registry, &method);
    xmlrpc_server_abyss_parms parms = {.config_file_name = NULL, .registryP = registry, .port_number = atoi(argv[1]),
                                       .log_file_name = NULL, .keepalive_timeout = 30, .keepalive_max_conn = 1000000, .uri_path = "/"};
    xmlrpc_server_abyss(&env, &parms, XMLRPC_APSIZE(uri_path));
    if (env.fault_occurred)
        fprintf(stderr, "%s\n", env.fault_string);
    return 1;
}
