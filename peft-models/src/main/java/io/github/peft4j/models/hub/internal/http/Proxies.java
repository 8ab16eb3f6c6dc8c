package io.github.peft4j.models.hub.internal.http;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.Proxy;
import java.net.ProxySelector;
import java.net.SocketAddress;
import java.net.URI;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The proxies that environment variables name, as Python's clients and most programs on the command line take them: {@code HTTPS_PROXY}, {@code HTTP_PROXY},
 * {@code ALL_PROXY} and {@code NO_PROXY}, in small letters too. Where they name none, those of the JVM's settings. This computer is asked directly.
 */
public final class Proxies extends ProxySelector {

    private static final int HTTP = 80;

    private final Map<String, String> variables;
    private final @Nullable ProxySelector otherwise;

    /**
     * Proxies of an environment.
     *
     * @param variables by name
     * @param otherwise who knows where they name none
     */
    public Proxies(Map<String, String> variables, @Nullable ProxySelector otherwise) {
        this.variables = Map.copyOf(variables);
        this.otherwise = otherwise;
    }

    @Override
    public List<Proxy> select(URI address) {
        String host = String.valueOf(address.getHost()).toLowerCase(Locale.ROOT);
        if (host.equals("localhost") || host.startsWith("127.") || host.equals("[::1]") || excepted(host)) {
            return List.of(Proxy.NO_PROXY);
        }
        String named = variable(address.getScheme() + "_proxy");
        named = named.isEmpty() ? variable("all_proxy") : named;
        @Nullable Proxy proxy = proxy(named);
        if (proxy != null) {
            return List.of(proxy);
        }
        return otherwise == null ? List.of(Proxy.NO_PROXY) : otherwise.select(address);
    }

    private String variable(String name) {
        String value = variables.getOrDefault(name, "").strip();
        return value.isEmpty()
                ? variables.getOrDefault(name.toUpperCase(Locale.ROOT), "").strip()
                : value;
    }

    private boolean excepted(String host) {
        for (String each : variable("no_proxy").split(",", -1)) {
            String suffix = each.strip().toLowerCase(Locale.ROOT).replaceFirst("^\\*?\\.", "");
            if (suffix.equals("*") || (!suffix.isEmpty() && (host.equals(suffix) || host.endsWith("." + suffix)))) {
                return true;
            }
        }
        return false;
    }

    private static @Nullable Proxy proxy(String named) {
        try {
            URI address = URI.create(named.contains("://") ? named : "http://" + named);
            if (named.isEmpty() || address.getHost() == null) {
                return null;
            }
            int port = address.getPort() < 0 ? HTTP : address.getPort();
            Proxy.Type type =
                    String.valueOf(address.getScheme()).startsWith("socks") ? Proxy.Type.SOCKS : Proxy.Type.HTTP;
            return new Proxy(type, InetSocketAddress.createUnresolved(address.getHost(), port));
        } catch (IllegalArgumentException e) {
            return null;
        }
    }

    @Override
    public void connectFailed(URI address, SocketAddress proxy, IOException problem) {
        if (otherwise != null) {
            otherwise.connectFailed(address, proxy, problem);
        }
    }
}
