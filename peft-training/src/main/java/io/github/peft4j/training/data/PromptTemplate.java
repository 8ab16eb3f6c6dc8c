package io.github.peft4j.training.data;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** How an instruction and its input become a prompt. The answer follows the prompt as it is. */
public final class PromptTemplate {

    /** Turns an instruction and an input, which may be empty, into a prompt. */
    private interface Form {
        String apply(String instruction, String input);
    }

    private static final Pattern PLACEHOLDER = Pattern.compile("\\{(\\w*)}");

    /**
     * Stanford Alpaca's prompts, to the letter.
     *
     * @see <a href="https://github.com/tatsu-lab/stanford_alpaca/blob/main/train.py">PROMPT_DICT</a>
     */
    public static final PromptTemplate ALPACA = new PromptTemplate("alpaca", PromptTemplate::alpaca);

    /**
     * "Human: INSTRUCTION, a newline, INPUT, two newlines, Assistant: " with the blanks around instruction and input taken off, as in
     * the well-known examples with Bloom.
     */
    public static final PromptTemplate HUMAN_ASSISTANT = new PromptTemplate(
            "human-assistant",
            (instruction, input) -> ("Human: " + instruction + "\n" + input).strip() + "\n\nAssistant: ");

    /** The instruction, the input in a line of its own if there is one, and a newline. */
    public static final PromptTemplate PLAIN = new PromptTemplate(
            "plain", (instruction, input) -> instruction + "\n" + (input.isEmpty() ? "" : input + "\n"));

    private static final Map<String, PromptTemplate> NAMED = new TreeMap<>(Map.of(
            ALPACA.name, ALPACA,
            HUMAN_ASSISTANT.name, HUMAN_ASSISTANT,
            PLAIN.name, PLAIN));

    private final String name;
    private final Form form;

    private PromptTemplate(String name, Form form) {
        this.name = name;
        this.form = form;
    }

    private static String alpaca(String instruction, String input) {
        return input.isEmpty()
                ? "Below is an instruction that describes a task. Write a response that appropriately completes the request.\n\n"
                        + "### Instruction:\n" + instruction + "\n\n### Response:"
                : "Below is an instruction that describes a task, paired with an input that provides further context. Write a"
                        + " response that appropriately completes the request.\n\n"
                        + "### Instruction:\n" + instruction + "\n\n### Input:\n" + input + "\n\n### Response:";
    }

    /**
     * A template by its name, or by its text.
     *
     * @param nameOrText "alpaca", "human-assistant", "plain", or a text with the placeholder {@code {instruction}} and perhaps
     *     {@code {input}}
     * @throws IllegalArgumentException if it is no name and has no {@code {instruction}}, or has another placeholder
     */
    public static PromptTemplate of(String nameOrText) {
        PromptTemplate named = NAMED.get(nameOrText);
        if (named != null) {
            return named;
        }
        if (!nameOrText.contains("{instruction}")) {
            throw new IllegalArgumentException("no template '" + nameOrText + "': expected one of " + NAMED.keySet()
                    + ", or a text with {instruction} and perhaps {input}");
        }
        List<String> parts = parts(nameOrText);
        return new PromptTemplate(nameOrText, (instruction, input) -> {
            StringBuilder prompt = new StringBuilder();
            for (int i = 0; i < parts.size(); i++) {
                String part = parts.get(i);
                prompt.append(i % 2 == 0 ? part : part.equals("input") ? input : instruction);
            }
            return prompt.toString();
        });
    }

    /** Texts and names of placeholders in turn. */
    private static List<String> parts(String text) {
        List<String> parts = new ArrayList<>();
        Matcher placeholders = PLACEHOLDER.matcher(text);
        int at = 0;
        while (placeholders.find()) {
            String placeholder = placeholders.group(1);
            if (!placeholder.equals("instruction") && !placeholder.equals("input")) {
                throw new IllegalArgumentException("the template has the placeholder " + placeholders.group()
                        + ": expected only {instruction} and {input}; the output comes after the template");
            }
            parts.add(text.substring(at, placeholders.start()));
            parts.add(placeholder);
            at = placeholders.end();
        }
        parts.add(text.substring(at));
        return parts;
    }

    /**
     * The prompt.
     *
     * @param input may be empty
     */
    public String prompt(String instruction, String input) {
        return form.apply(instruction, input);
    }

    /** Its name, or its text. */
    @Override
    public String toString() {
        return name;
    }
}
