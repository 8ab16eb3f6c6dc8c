package io.github.peft4j.models.hub.internal;

import io.github.peft4j.models.checkpoint.CheckpointException;
import io.github.peft4j.models.checkpoint.internal.InputFile;
import io.github.peft4j.models.hub.internal.http.Credential;
import io.github.peft4j.models.hub.internal.http.HubClient;
import io.github.peft4j.models.hub.internal.http.HubException;
import io.github.peft4j.models.hub.internal.http.Patience;
import io.github.peft4j.models.hub.internal.http.Proxies;
import java.net.ProxySelector;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * What environment variables say about hubs, as the hubs' Python clients read them.
 *
 * @param variables by name
 * @param home the user's folder
 * @see <a href="https://huggingface.co/docs/huggingface_hub/package_reference/environment_variables">Hugging Face's variables</a>
 */
public record HubEnvironment(Map<String, String> variables, Path home) {

    private static final Set<String> TRUE = Set.of("1", "ON", "YES", "TRUE");

    private static final Pattern VARIABLE = Pattern.compile("\\$(?:(\\w+)|\\{([^}]*)})");

    /** Bytes of a file with a token. */
    private static final int LONGEST_TOKEN = 1 << 12;

    /** Copies the variables. */
    public HubEnvironment {
        variables = Map.copyOf(variables);
    }

    /** That of the process. */
    public static HubEnvironment ofUser() {
        return new HubEnvironment(System.getenv(), Path.of(System.getProperty("user.home")));
    }

    private @Nullable String first(String... names) {
        for (String name : names) {
            String value = variables.getOrDefault(name, "").strip();
            if (!value.isEmpty()) {
                return value;
            }
        }
        return null;
    }

    private boolean isTrue(String... names) {
        String value = first(names);
        return value != null && TRUE.contains(value.toUpperCase(Locale.ROOT));
    }

    /** A path in which {@code ~} and variables stand for others. */
    private Path path(String text) {
        String whole = text.equals("~") || text.startsWith("~/") ? home + text.substring(1) : text;
        return Path.of(VARIABLE.matcher(whole).replaceAll(match -> {
            String name = match.group(1) == null ? match.group(2) : match.group(1);
            return Matcher.quoteReplacement(variables.getOrDefault(name, match.group()));
        }));
    }

    private Path caches() {
        String caches = first("XDG_CACHE_HOME");
        return caches == null ? home.resolve(".cache") : path(caches);
    }

    private Path huggingFaceHome() {
        String named = first("HF_HOME");
        return named == null ? caches().resolve("huggingface") : path(named);
    }

    /** Hugging Face's cache. */
    public Path huggingFaceCache() {
        String named = first("HF_HUB_CACHE", "HUGGINGFACE_HUB_CACHE");
        return named == null ? huggingFaceHome().resolve("hub") : path(named);
    }

    /** ModelScope's cache. */
    public Path modelScopeCache() {
        String named = first("MODELSCOPE_CACHE");
        return named == null ? home.resolve(".cache").resolve("modelscope") : path(named);
    }

    /** Whether no hub may be asked. */
    public boolean offline() {
        return isTrue("HF_HUB_OFFLINE", "TRANSFORMERS_OFFLINE");
    }

    /** Whether the cache may have symbolic links. */
    boolean links() {
        return !isTrue("HF_HUB_DISABLE_SYMLINKS");
    }

    /** How long hubs are waited for. */
    public Patience patience() {
        String seconds = first("HF_HUB_DOWNLOAD_TIMEOUT");
        return seconds != null && seconds.matches("[1-9]\\d{0,5}")
                ? Patience.usual().answering(Duration.ofSeconds(Long.parseLong(seconds)))
                : Patience.usual();
    }

    /**
     * A client of Hugging Face's hub, or of another that {@code HF_ENDPOINT} names.
     *
     * @throws HubException.Refusal if address or token cannot be used
     */
    public HubClient huggingFace(Patience patience) throws HubException {
        String endpoint = first("HF_ENDPOINT");
        return client(
                endpoint == null ? "https://huggingface.co" : endpoint, "HF_ENDPOINT", huggingFaceToken(), patience);
    }

    /**
     * A client of ModelScope.
     *
     * @throws HubException.Refusal if address or token cannot be used
     */
    public HubClient modelScope(Patience patience) throws HubException {
        String endpoint = first("MODELSCOPE_ENDPOINT", "MODELSCOPE_DOMAIN");
        String named = endpoint == null ? "https://modelscope.cn" : endpoint;
        String whole = named.matches("(?i)https?://.*") ? named : "https://" + named;
        return client(
                whole,
                "MODELSCOPE_ENDPOINT",
                credential(first("MODELSCOPE_API_TOKEN"), "MODELSCOPE_API_TOKEN")
                        .alsoAsCookie("m_session_id"),
                patience);
    }

    private HubClient client(String endpoint, String variable, Credential token, Patience patience)
            throws HubException {
        try {
            return HubClient.of(endpoint, token, patience, new Proxies(variables, ProxySelector.getDefault()));
        } catch (IllegalArgumentException e) {
            throw new HubException.Refusal(variable + ": " + e.getMessage());
        }
    }

    private Credential huggingFaceToken() throws HubException {
        String token = first("HF_TOKEN", "HUGGING_FACE_HUB_TOKEN");
        if (isTrue("HF_HUB_DISABLE_IMPLICIT_TOKEN")) {
            return Credential.none();
        }
        if (token != null) {
            return credential(token, "HF_TOKEN");
        }
        String named = first("HF_TOKEN_PATH");
        Path file = named == null ? huggingFaceHome().resolve("token") : path(named);
        if (!Files.exists(file)) {
            return Credential.none();
        }
        try {
            return credential(InputFile.text(file, LONGEST_TOKEN), file.toString());
        } catch (CheckpointException e) {
            throw new HubException.Refusal("the hub's token cannot be read: " + e.getMessage());
        }
    }

    private static Credential credential(@Nullable String token, String source) throws HubException {
        try {
            return Credential.of(token);
        } catch (IllegalArgumentException e) {
            throw new HubException.Refusal(source + ": " + e.getMessage());
        }
    }
}
