package io.github.peft4j.training.data;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Rows in the shapes in which people publish them. */
class PublishedShapesTest extends DatasetCase {

    private static final String MESSAGES =
            "{\"messages\":[{\"role\":\"system\",\"content\":\"s\"},{\"role\":\"user\",\"content\":\"ab\"},{\"role\":\"assistant\",\"content\":\"cd\"}]}";

    @ParameterizedTest
    @ValueSource(
            strings = {
                "{\"conversations\":[{\"from\":\"system\",\"value\":\"s\"},{\"from\":\"human\",\"value\":\"ab\"},{\"from\":\"gpt\",\"value\":\"cd\",\"weight\":1}]}",
                "{\"conversations\":[{\"from\":\"system\",\"value\":\"s\"},{\"from\":\"user\",\"value\":\"ab\"},{\"from\":\"chatgpt\",\"value\":\"cd\"}]}",
                "{\"conversations\":[{\"role\":\"system\",\"content\":\"s\"},{\"role\":\"user\",\"content\":\"ab\"},{\"role\":\"assistant\",\"content\":\"cd\"}]}",
                "{\"messages\":[{\"role\":\"system\",\"content\":\"s\"},{\"role\":\"user\",\"content\":[{\"type\":\"text\",\"text\":\"a\"},{\"type\":\"text\",\"text\":\"b\"}]},{\"role\":\"assistant\",\"content\":\"cd\"}]}",
                "{\"prompt\":[{\"role\":\"system\",\"content\":\"s\"},{\"role\":\"user\",\"content\":\"ab\"}],\"completion\":[{\"role\":\"assistant\",\"content\":\"cd\"}]}"
            })
    void chatsAreTheSameInEveryShape(String row) throws IOException {
        assertThat(read(row, options).rows())
                .usingRecursiveComparison()
                .isEqualTo(read(MESSAGES, options).rows());
    }

    @Test
    void aChatMayStandInACellOfCsv() throws IOException {
        String cell = MESSAGES.substring("{\"messages\":".length(), MESSAGES.length() - 1);
        String csv = "id,messages\n1,\"" + cell.replace("\"", "\"\"") + "\"\n";
        assertThat(Dataset.from(List.of(RowSource.of(file("chats.csv", csv))), options)
                        .rows())
                .usingRecursiveComparison()
                .isEqualTo(read(MESSAGES, options).rows());
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '~',
            value = {
                "{\"conversations\":[{\"from\":\"tool\",\"value\":\"x\"}]}|conversations[0].from must be one of [assistant, bing, chatgpt, gpt, human, system, user], got \"tool\"",
                "{\"conversations\":[{\"from\":\"gpt\",\"value\":3}]}|conversations[0].value must be text, got the number 3",
                "{\"messages\":[{\"role\":\"user\",\"content\":[{\"type\":\"image_url\",\"image_url\":\"x\"}]}]}|messages[0].content[0] must be a part of type text with a text, got one of type \"image_url\"",
                "{\"messages\":[{\"role\":\"user\",\"content\":\"a\",\"tool_calls\":[]}]}|messages[0] has \"tool_calls\"; only role and content are supported",
                "{\"prompt\":[{\"role\":\"assistant\",\"content\":\"a\"}],\"completion\":[{\"role\":\"assistant\",\"content\":\"a\"}]}|prompt has a message of the assistant's, which would be learned, too",
                "{\"prompt\":\"a\",\"chosen\":\"b\",\"rejected\":\"c\"}|map the columns completion=chosen",
                "{\"question\":\"a\",\"answer\":\"b\"}|to learn answer after question, map the columns prompt=question,completion=answer",
                "{\"input\":\"a\",\"output\":\"b\"}|map the columns prompt=input,completion=output"
            })
    void whatIsNotLearnedFromIsRefusedWithWhatToDo(String row, String reason) {
        assertThatThrownBy(() -> read(row, options)).hasMessageContaining(reason);
    }

    @Test
    void whatWasChosenIsLearnedWhereColumnsSaySo() throws IOException {
        RowSource pairs = RowSource.of(file("pairs.jsonl", "{\"prompt\":\"a\",\"chosen\":\"b\",\"rejected\":\"c\"}"));
        assertThat(Dataset.from(List.of(pairs.withColumns(Map.of("completion", "chosen"))), options)
                        .rows())
                .usingRecursiveComparison()
                .isEqualTo(
                        read("{\"prompt\":\"a\",\"completion\":\"b\"}", options).rows());
    }
}
