package io.github.peft4j.models.hub.internal.http;

import java.net.URI;
import java.util.Locale;

/**
 * Who answers at an address: scheme, host and port. Two addresses of one origin belong to one server, which may see what the other sees.
 *
 * @param scheme {@code http} or {@code https}
 * @param host in small letters
 * @param port the scheme's own where the address names none
 */
record Origin(String scheme, String host, int port) {

    private static final int HTTP = 80;
    private static final int HTTPS = 443;

    /**
     * The origin of an address.
     *
     * @throws IllegalArgumentException if it is not one of a web server
     */
    static Origin of(URI address) {
        String scheme = String.valueOf(address.getScheme()).toLowerCase(Locale.ROOT);
        boolean secure = scheme.equals("https");
        if ((!secure && !scheme.equals("http")) || address.getHost() == null) {
            throw new IllegalArgumentException("expected http:// or https:// and a host");
        }
        int usual = secure ? HTTPS : HTTP;
        return new Origin(
                scheme, address.getHost().toLowerCase(Locale.ROOT), address.getPort() < 0 ? usual : address.getPort());
    }

    /** Whether nobody on the way can read what is sent. */
    boolean secure() {
        return scheme.equals("https");
    }

    /** An address for messages: without its query, which may hold a signature that opens a file to whoever has it. */
    static String shown(URI address) {
        String port = address.getPort() < 0 ? "" : ":" + address.getPort();
        return address.getScheme() + "://" + address.getHost() + port + address.getRawPath();
    }
}
