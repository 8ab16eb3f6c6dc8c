package io.github.peft4j.loopback.internal;

import com.sun.net.httpserver.HttpExchange;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * What the hub answers.
 *
 * @param status the status; a part of the content, where that is asked for, makes 206 of 200
 * @param headers beside those of length and range
 * @param content all of it; of HEAD, what GET would send
 */
public record Answer(int status, Map<String, String> headers, byte[] content) {

    private static final Pattern RANGE = Pattern.compile("bytes=(\\d+)-(\\d*)");

    /** A successful one in JSON. */
    public static Answer json(Object value) {
        return new Answer(
                200, Map.of("Content-Type", "application/json"), Json.of(value).getBytes(StandardCharsets.UTF_8));
    }

    /** One that says what is wrong as Hugging Face does. */
    public static Answer problem(int status, String code, String message) {
        return new Answer(
                status,
                Map.of("X-Error-Code", code, "X-Error-Message", message),
                Json.of(Map.of("error", message)).getBytes(StandardCharsets.UTF_8));
    }

    void send(HttpExchange exchange, @Nullable Fault fault, CountDownLatch closed) throws IOException {
        Map<String, String> all = new LinkedHashMap<>(headers);
        int code = status;
        byte[] bytes = content;
        Matcher range =
                RANGE.matcher(String.valueOf(exchange.getRequestHeaders().getFirst("Range")));
        Fault.Then then = fault == null ? Fault.Then.REST : fault.then();
        if (status == 200 && range.matches() && then != Fault.Then.WHOLE) {
            int from = Integer.parseInt(range.group(1));
            if (from >= content.length) {
                all.put("Content-Range", "bytes */" + content.length);
                code = 416;
                bytes = new byte[0];
            } else {
                int to = range.group(2).isEmpty() ? content.length - 1 : Integer.parseInt(range.group(2));
                to = Math.min(to, content.length - 1);
                all.put("Content-Range", "bytes " + from + "-" + to + "/" + content.length);
                code = 206;
                bytes = Arrays.copyOfRange(content, from, to + 1);
            }
        }
        all.forEach(exchange.getResponseHeaders()::set);
        if (exchange.getRequestMethod().equals("HEAD")) {
            if (code == 200) {
                exchange.getResponseHeaders().set("Content-Length", String.valueOf(bytes.length));
            }
            exchange.sendResponseHeaders(code, -1);
            return;
        }
        int after = fault == null ? bytes.length : Math.min(fault.after(), bytes.length);
        byte[] sent = changed(bytes, after, then);
        exchange.sendResponseHeaders(code, sent.length == 0 ? -1 : sent.length);
        OutputStream out = exchange.getResponseBody();
        if (then == Fault.Then.DROP || then == Fault.Then.STALL) {
            out.write(sent, 0, after);
            out.flush();
            if (then == Fault.Then.STALL) {
                await(closed);
            }
            // What leaves a handler so ends the connection.
            throw new IOException("the fault that was asked for");
        }
        out.write(sent);
        out.close();
    }

    private static void await(CountDownLatch closed) {
        try {
            closed.await();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private static byte[] changed(byte[] bytes, int after, Fault.Then then) {
        return switch (then) {
            case REST, DROP, STALL, WHOLE -> bytes;
            case SHORT -> Arrays.copyOf(bytes, after);
            case LONG -> Arrays.copyOf(bytes, bytes.length + 10);
            case GARBAGE -> {
                byte[] other = bytes.clone();
                for (int i = after; i < other.length; i++) {
                    other[i] ^= 0x55;
                }
                yield other;
            }
        };
    }
}
