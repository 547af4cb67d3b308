internal import Testing

@testable internal import Wording

struct MessageTests {
  private static let chinese = Phrasebook([
    "no place {} here": "这里没有“{}”",
    "{} of {}": "{2}的{1}",
    "a plan": "计划",
    "told: {}": "对方说：{}",
    "told: the {} is full": "对方说“{}”满了",
    "half one, half two": "一句话",
    ", ": "、",
    "from [sender]": "寄件方",
  ])

  @Test func `words and values are one text in English`() {
    let message: Message = "no place \("34.01") here"
    #expect(message.text == "no place 34.01 here")
    #expect(message.key == "no place {} here")
  }

  @Test func `a phrase takes the values in its own order`() {
    let message: Message = "\("a") of \("b")"
    #expect(message.text(in: Self.chinese) == "b的a")
  }

  @Test func `a message inside a message is looked up too, a value is not`() {
    let nested: Message = "told: \("a plan" as Message)"
    let value: Message = "told: \(String("a plan"))"
    #expect(nested.text(in: Self.chinese) == "对方说：计划")
    #expect(value.text(in: Self.chinese) == "对方说：a plan")
  }

  @Test func `braces in a value are left alone`() {
    let message: Message = "no place \("{1} {}") here"
    #expect(message.text == "no place {1} {} here")
    #expect(message.text(in: Self.chinese) == "这里没有“{1} {}”")
  }

  @Test func `a sum is one sentence if the book has it, and else each by itself`() {
    let half: Message = "half one, "
    #expect((half + "half two").text(in: Self.chinese) == "一句话")
    #expect((half + "a plan").text(in: Self.chinese) == "half one, 计划")
    #expect((half + "half two").text == "half one, half two")
  }

  @Test func `one word with two meanings is two phrases`() {
    let message = Message("from", meaning: "sender")
    #expect(message.text == "from")
    #expect(message.text(in: Self.chinese) == "寄件方")
    #expect(("from" as Message).text(in: Self.chinese) == "from")
  }

  @Test func `lists have the separator of the language`() {
    #expect(Message.list(["1", "2"]).text == "1, 2")
    #expect(Message.list(["1", "2"]).text(in: Self.chinese) == "1、2")
  }

  @Test func `what was kept in English is found by its words`() {
    #expect(Self.chinese.retold("a plan") == "计划")
    #expect(Self.chinese.retold("told: no place x y here") == "对方说：这里没有“x y”")
    #expect(Self.chinese.retold("told: the disk is full") == "对方说“disk”满了")
    #expect(Self.chinese.retold("nothing like it") == nil)
    #expect(Self.chinese.retold("told: of") == "对方说：of")
  }
}
