package io.github.peft4j.models.hub.internal.http;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.Proxy;
import java.net.URI;
import java.util.HashMap;
import java.util.Map;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ProxiesTest {

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "HTTPS_PROXY=http://p:3128 | https://hub/x | HTTP @ p/<unresolved>:3128",
                "https_proxy=p:3128;HTTPS_PROXY=other:1 | https://hub/x | HTTP @ p/<unresolved>:3128",
                "HTTPS_PROXY=http://p:3128 | http://hub/x | DIRECT",
                "ALL_PROXY=socks5://p | http://hub/x | SOCKS @ p/<unresolved>:80",
                "HTTPS_PROXY=p:1;NO_PROXY=a.b, .hub.co | https://cdn.hub.co/x | DIRECT",
                "HTTPS_PROXY=p:1;NO_PROXY=hub.co | https://nohub.co/x | HTTP @ p/<unresolved>:1",
                "HTTPS_PROXY=p:1;NO_PROXY=* | https://hub/x | DIRECT",
                "HTTP_PROXY=p:1 | http://127.0.0.1:80/x | DIRECT",
                "HTTP_PROXY=p:1 | http://localhost/x | DIRECT",
                "HTTPS_PROXY=:// | https://hub/x | DIRECT",
                "X=y | https://hub/x | DIRECT"
            })
    void variablesNameThem(String environment, String address, String proxy) {
        Map<String, String> variables = new HashMap<>();
        for (String each : environment.split(";", -1)) {
            String[] pair = each.split("=", 2);
            variables.put(pair[0], pair[1]);
        }
        assertThat(new Proxies(variables, null).select(URI.create(address)))
                .singleElement()
                .extracting(Proxy::toString)
                .isEqualTo(proxy);
    }
}
